"""Projections that a checkpoint stores in one tensor, by keys of their own."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from rlxc.diagnostics import RlxcError
from rlxc.weights import WeightSource, require_key
from rlxc.weights.bfloat16 import floats
from rlxc.weights.encoded import EncodedMatrix
from rlxc.weights.source import Array, Stored, release, stored


@dataclass(frozen=True)
class Rows:
    """Rows `first` to `first + count` of each of the `blocks` of `block` rows that the tensor `key` consists of."""

    key: str
    first: int
    count: int
    block: int
    blocks: int = 1

    def of(self, rows: Array) -> Array:
        """These of all rows; where there is one block, a view of them."""
        blocks = rows.reshape(self.blocks, self.block, *rows.shape[1:])
        return blocks[:, self.first : self.first + self.count].reshape(-1, *rows.shape[1:])


@dataclass(frozen=True)
class FusedWeights:
    """The tensors of `source`, of which some are divided: rows of them have the keys of `parts`."""

    source: WeightSource
    parts: Mapping[str, Rows]

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
        if key not in self.parts:
            return self.source.shape(key)
        part = self.parts[key]
        return (part.count * part.blocks, *self._stored_shape(part)[1:])

    def get(self, key: str) -> Array:
        """See `WeightSource`."""
        return floats(self.stored(key)) if key in self.parts else self.source.get(key)

    def stored(self, key: str) -> Stored:
        """See `MappedSource`. Rows of an encoded matrix stay as they are encoded."""
        if key not in self.parts:
            return stored(self.source, key)
        part = self.parts[key]
        self._stored_shape(part)
        tensor = stored(self.source, part.key)
        return replace(tensor, raw=part.of(tensor.raw)) if isinstance(tensor, EncodedMatrix) else part.of(tensor)

    def release(self, key: str) -> None:
        """See `MappedSource`."""
        release(self.source, (self.parts[key].key if key in self.parts else key,))

    def _stored_shape(self, part: Rows) -> tuple[int, ...]:
        """The shape of the tensor that holds a part; raises RlxcError unless it has the rows that it should."""
        require_key(self.source, part.key)
        shape = self.source.shape(part.key)
        if not shape or shape[0] != part.block * part.blocks:
            raise RlxcError(
                f"weight '{part.key}' in {self} has shape {list(shape)}, expected {part.block * part.blocks} rows"
            )
        return shape
