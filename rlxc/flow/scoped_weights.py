"""The weights of one layer."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from rlxc.weights.source import Array, WeightSource


@dataclass(frozen=True)
class ScopedWeights:
    """The tensors of a source whose keys begin with a scope, by the rest of their keys."""

    source: WeightSource
    scope: str

    def __str__(self) -> str:
        return f"'{self.scope}' of {self.source}"

    def keys(self) -> Collection[str]:
        """See `WeightSource`."""
        return self._keys

    @cached_property
    def _keys(self) -> frozenset[str]:
        return frozenset(key.removeprefix(self.scope) for key in self.source.keys() if key.startswith(self.scope))

    def shape(self, key: str) -> tuple[int, ...]:
        """See `WeightSource`."""
        return self.source.shape(self.scope + key)

    def get(self, key: str) -> Array:
        """See `WeightSource`."""
        return self.source.get(self.scope + key)
