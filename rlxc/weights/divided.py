"""Tensors that a checkpoint stores in one, by keys of their own."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from rlxc.diagnostics import RlxcError
from rlxc.weights.bfloat16 import floats
from rlxc.weights.source import Array, Stored, WeightSource, release, require_key, stored


class Part(Protocol):
    """A part of the tensor `key`."""

    @property
    def key(self) -> str:
        """The key of the whole."""
        ...

    def shape(self, whole: tuple[int, ...]) -> tuple[int, ...]:
        """The shape of the part."""
        ...

    def mismatch(self, whole: tuple[int, ...]) -> str | None:
        """What a tensor of the shape `whole` should have to hold this part, if it has not."""
        ...

    def of(self, whole: Stored) -> Stored:
        """The part of what is stored; a view where that can be."""
        ...


@dataclass(frozen=True)
class DividedWeights:
    """The tensors of `source`; those that `parts` are of are divided, and have no keys any more."""

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
        if (part := self.parts.get(key)) is None:
            return self.source.shape(key)
        return part.shape(self._whole(part))

    def get(self, key: str) -> Array:
        """See `WeightSource`."""
        return floats(self.stored(key)) if key in self.parts else self.source.get(key)

    def stored(self, key: str) -> Stored:
        """See `MappedSource`."""
        require_key(self, key)
        if (part := self.parts.get(key)) is None:
            return stored(self.source, key)
        self._whole(part)
        return part.of(stored(self.source, part.key))

    def release(self, key: str) -> None:
        """See `MappedSource`."""
        release(self.source, (self.parts[key].key if key in self.parts else key,))

    def _whole(self, part: Part) -> tuple[int, ...]:
        """The shape of the tensor that holds a part. Raises RlxcError if it is not there, or holds something else."""
        require_key(self.source, part.key)
        shape = self.source.shape(part.key)
        if (expected := part.mismatch(shape)) is not None:
            raise RlxcError(f"weight '{part.key}' in {self} has shape {list(shape)}, expected {expected}")
        return shape
