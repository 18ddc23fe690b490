"""Projections that a checkpoint stores in one tensor, as rows of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rlxc.weights.encoded import EncodedMatrix
from rlxc.weights.source import Array, Stored


@dataclass(frozen=True)
class Rows:
    """Rows `first` to `first + count` of each of the `blocks` of `block` rows that the tensor `key` consists of."""

    key: str
    first: int
    count: int
    block: int
    blocks: int = 1

    def shape(self, whole: tuple[int, ...]) -> tuple[int, ...]:
        """See `Part`."""
        return (self.count * self.blocks, *whole[1:])

    def mismatch(self, whole: tuple[int, ...]) -> str | None:
        """See `Part`."""
        rows = self.block * self.blocks
        return None if whole[:1] == (rows,) else f"{rows} rows"

    def of(self, whole: Stored) -> Stored:
        """See `Part`. Rows of an encoded matrix stay as they are encoded; those of one block are a view."""
        return replace(whole, raw=self._rows(whole.raw)) if isinstance(whole, EncodedMatrix) else self._rows(whole)

    def _rows(self, rows: Array) -> Array:
        blocks = rows.reshape(self.blocks, self.block, *rows.shape[1:])
        return blocks[:, self.first : self.first + self.count].reshape(-1, *rows.shape[1:])
