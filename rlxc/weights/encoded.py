"""Matrices that are stored in an encoding, and decoded where they are needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

BLOCK_ELEMENTS = 128 * 1024
"""What is decoded at once: decoders make several arrays of this size, which should stay in the cache of a core."""


@dataclass(frozen=True)
class EncodedMatrix:
    """A matrix of float32, each of whose rows is encoded for itself; with `transposed`, the transpose of one.

    `decode` makes rows of numbers of rows of `raw`; `encoding` names it: both together decide the numbers.
    """

    raw: NDArray[np.uint8]
    row_length: int
    decode: Callable[[NDArray[np.uint8]], NDArray[np.float32]]
    encoding: str
    transposed: bool = False
    dtype = np.dtype(np.float32)

    @property
    def shape(self) -> tuple[int, int]:
        """The shape of the matrix."""
        rows = len(self.raw)
        return (self.row_length, rows) if self.transposed else (rows, self.row_length)

    @property
    def T(self) -> EncodedMatrix:
        """The transpose."""
        return replace(self, transposed=not self.transposed)

    def __getitem__(self, index: tuple[slice, slice]) -> EncodedMatrix:
        """Encoded rows of the matrix, or columns of a transposed one: `m[a:b, :]`, `t[:, a:b]`."""
        chosen, whole = reversed(index) if self.transposed else index
        if whole != slice(None):
            raise IndexError("encoded rows cannot be divided")
        return replace(self, raw=self.raw[chosen])

    def values(self) -> NDArray[np.float32]:
        """The numbers."""
        found = np.empty(self.shape, np.float32)
        self.copy_to(found)
        return found

    def copy_to(self, target: NDArray[np.floating]) -> None:
        """Fill an array of the same shape with the numbers, without a second copy of all of them."""
        rows = target.T if self.transposed else target
        for part, values in self.decoded_rows():
            rows[part] = values

    def decoded_rows(self, multiple: int = 1) -> Iterator[tuple[slice, NDArray[np.float32]]]:
        """The decoded rows, in blocks of a multiple of `multiple` rows; the last may be shorter."""
        step = max(1, BLOCK_ELEMENTS // (self.row_length * multiple or 1)) * multiple
        for first in range(0, len(self.raw), step):
            part = slice(first, first + step)
            yield part, self.decode(self.raw[part])
