"""Experts whose matrices are stacked in one tensor, by keys of their own."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

from rlxc.weights import WeightSource, require_key
from rlxc.weights.bfloat16 import floats
from rlxc.weights.encoded import EncodedMatrix
from rlxc.weights.source import Array, Stored, release, stored

STACKED = re.compile(r"(.*\.experts)\.(gate_up_proj|down_proj)")
"""A tensor `[experts, out, in]`, as transformers keeps experts in memory."""

MOST_EXPERTS = 4096


def unstacked(source: WeightSource) -> WeightSource:
    """The tensors of `source`, with `experts.3.down_proj.weight` for the fourth part of `experts.down_proj`."""
    parts: dict[str, Part] = {}
    for key in source.keys():
        match, shape = STACKED.fullmatch(key), source.shape(key)
        if match is not None and len(shape) == 3 and shape[0] <= MOST_EXPERTS:
            parts |= {f"{match[1]}.{number}.{match[2]}.weight": Part(key, number) for number in range(shape[0])}
    return UnstackedWeights(source, parts) if parts else source


@dataclass(frozen=True)
class Part:
    """One of the matrices of a tensor."""

    key: str
    number: int


@dataclass(frozen=True)
class UnstackedWeights:
    """The tensors of `source`; those that `parts` are of are divided."""

    source: WeightSource
    parts: Mapping[str, Part]

    def __str__(self) -> str:
        return str(self.source)

    def keys(self) -> Collection[str]:
        """See `WeightSource`."""
        return self._keys

    @cached_property
    def _keys(self) -> frozenset[str]:
        return frozenset({*self.source.keys(), *self.parts} - {part.key for part in self.parts.values()})

    def shape(self, key: str) -> tuple[int, ...]:
        """See `WeightSource`."""
        require_key(self, key)
        return self.source.shape(self.parts[key].key)[1:] if key in self.parts else self.source.shape(key)

    def get(self, key: str) -> Array:
        """See `WeightSource`."""
        require_key(self, key)
        return floats(self.stored(key)) if key in self.parts else self.source.get(key)

    def stored(self, key: str) -> Stored:
        """See `MappedSource`."""
        require_key(self, key)
        if key not in self.parts:
            return stored(self.source, key)
        part = self.parts[key]
        tensor = stored(self.source, part.key)
        assert not isinstance(tensor, EncodedMatrix)  # of rank 2
        return tensor[part.number]

    def release(self, key: str) -> None:
        """See `MappedSource`."""
        release(self.source, (self.parts[key].key if key in self.parts else key,))
