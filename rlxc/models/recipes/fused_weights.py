"""Projections that a checkpoint stores in one tensor, by keys of their own."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from rlxc.diagnostics import RlxcError
from rlxc.weights import WeightSource, require_key
from rlxc.weights.source import Array


@dataclass(frozen=True)
class Rows:
    """Rows `first` to `first + count` of each of the `blocks` of `block` rows that the tensor `key` consists of."""

    key: str
    first: int
    count: int
    block: int
    blocks: int = 1


@dataclass(frozen=True)
class FusedWeights:
    """The tensors of `source`, of which some are divided: rows of them have the keys of `parts`."""

    source: WeightSource
    parts: Mapping[str, Rows]

    def __str__(self) -> str:
        return str(self.source)

    def keys(self) -> Collection[str]:
        """See `WeightSource`."""
        return {*self.source.keys(), *self.parts} - {part.key for part in self.parts.values()}

    def shape(self, key: str) -> tuple[int, ...]:
        """See `WeightSource`."""
        if key not in self.parts:
            return self.source.shape(key)
        part = self.parts[key]
        return (part.count * part.blocks, *self._stored_shape(part)[1:])

    def get(self, key: str) -> Array:
        """See `WeightSource`."""
        if key not in self.parts:
            return self.source.get(key)
        part = self.parts[key]
        columns = self._stored_shape(part)[1:]
        blocks = self.source.get(part.key).reshape(part.blocks, part.block, *columns)
        return blocks[:, part.first : part.first + part.count].reshape(-1, *columns)

    def _stored_shape(self, part: Rows) -> tuple[int, ...]:
        """The shape of the tensor that holds a part; raises RlxcError unless it has the rows that it should."""
        require_key(self.source, part.key)
        shape = self.source.shape(part.key)
        if not shape or shape[0] != part.block * part.blocks:
            raise RlxcError(
                f"weight '{part.key}' in {self} has shape {list(shape)}, expected {part.block * part.blocks} rows"
            )
        return shape
