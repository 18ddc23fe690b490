"""Weights that are read when a program is compiled, and not already when it is built, which needs shapes only."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rlxc.flow import ModelFlow
from rlxc.runtime.program import Program
from rlxc.weights import WeightSource
from rlxc.weights.source import Array, Stored, release, stored


def late_program(flow: ModelFlow, source: WeightSource) -> Program:
    """The program of a flow. Its weights are those of `source`, and arrays that its stages hold."""
    built = flow.build(ShapesOnly(source))
    arrays = {key: built.params[key] for key in built.params.keys() - set(source.keys())}
    return Program(built.module, WithArrays(source, arrays))


@dataclass(frozen=True)
class ShapesOnly:
    """Arrays with the shapes of another source; they take no memory.

    They hold NaN, so that no weight looks equal to another one: equal K and V are told by the config.
    """

    source: WeightSource

    def __str__(self) -> str:
        return str(self.source)

    def keys(self) -> Collection[str]:
        """See `WeightSource`."""
        return self.source.keys()

    def shape(self, key: str) -> tuple[int, ...]:
        """See `WeightSource`."""
        return self.source.shape(key)

    def get(self, key: str) -> Array:
        """See `WeightSource`."""
        return np.broadcast_to(np.float32(np.nan), self.shape(key))


@dataclass(frozen=True)
class WithArrays:
    """The tensors of `source`, and `arrays` under other keys."""

    source: WeightSource
    arrays: Mapping[str, Array]

    def __str__(self) -> str:
        return str(self.source)

    def keys(self) -> Collection[str]:
        """See `WeightSource`."""
        return self._keys

    @cached_property
    def _keys(self) -> frozenset[str]:
        return frozenset({*self.source.keys(), *self.arrays})

    def shape(self, key: str) -> tuple[int, ...]:
        """See `WeightSource`."""
        return self.arrays[key].shape if key in self.arrays else self.source.shape(key)

    def get(self, key: str) -> Array:
        """See `WeightSource`."""
        return self.arrays[key] if key in self.arrays else self.source.get(key)

    def stored(self, key: str) -> Stored:
        """See `MappedSource`."""
        return self.arrays[key] if key in self.arrays else stored(self.source, key)

    def release(self, key: str) -> None:
        """See `MappedSource`."""
        if key not in self.arrays:
            release(self.source, (key,))
