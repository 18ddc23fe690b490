"""The tensors of another source under other names."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from rlxc.weights import WeightSource, require_key
from rlxc.weights.source import Array, Stored, release, stored


@dataclass(frozen=True)
class RenamedWeights:
    """The tensors of `source` that `names` lists, under the keys of `names`."""

    source: WeightSource
    names: Mapping[str, str]

    def __str__(self) -> str:
        return str(self.source)

    def keys(self) -> Collection[str]:
        """See `WeightSource`."""
        return self.names.keys()

    def shape(self, key: str) -> tuple[int, ...]:
        """See `WeightSource`."""
        require_key(self, key)
        return self.source.shape(self.names[key])

    def get(self, key: str) -> Array:
        """See `WeightSource`."""
        require_key(self, key)
        return self.source.get(self.names[key])

    def stored(self, key: str) -> Stored:
        """See `MappedSource`."""
        require_key(self, key)
        return stored(self.source, self.names[key])

    def release(self, key: str) -> None:
        """See `MappedSource`."""
        release(self.source, (self.names[key],))
