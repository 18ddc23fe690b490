"""Caches that are filled together: row `i` of each belongs to one token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

FIRST_ROWS = 64
"""How many rows caches have at first; they double when they are full."""


class CacheRows:
    """Arrays `[batch, capacity, features]` by name, of which the first `position` rows are filled.

    They grow to `limit` rows. Where only the last `kept` are needed, these then move to the front. `padding`,
    `[batch, capacity]`, says which rows are tokens.
    """

    def __init__(self, features: Mapping[str, int], batch: int, limit: int, kept: int | None = None):
        self._limit, self._kept = limit, kept
        self.position = 0
        self.arrays = {name: np.zeros((batch, 0, width), np.float32) for name, width in features.items()}
        self.padding = np.zeros((batch, 0), np.bool_)

    @property
    def capacity(self) -> int:
        """How many rows there are."""
        return self.padding.shape[1]

    def make_room(self, visible: NDArray[np.bool_]) -> None:
        """Have free rows for the tokens of `visible`, `[batch, count]`, which says which of them are tokens."""
        count = visible.shape[1]
        if self.position + count > self._limit:
            self._move()
        needed = self.position + count
        if needed > self.capacity:
            self._grow(min(self._limit, max(needed, 2 * self.capacity, FIRST_ROWS)))
        self.padding[:, self.position : needed] = visible

    def advance(self, count: int, arrays: Mapping[str, Array]) -> None:
        """Take the caches with `count` more rows filled."""
        self.arrays = dict(arrays)
        self.position += count

    def _move(self) -> None:
        if self._kept is None or self.position <= self._kept:
            return
        rows = slice(self.position - self._kept, self.position)
        for array in (*self.arrays.values(), self.padding):
            array[:, : self._kept] = array[:, rows].copy()
        self.position = self._kept

    def _grow(self, capacity: int) -> None:
        self.arrays = {name: grown(array, capacity) for name, array in self.arrays.items()}
        self.padding = grown(self.padding, capacity)


def grown(array: Array, capacity: int) -> Array:
    """A copy with more rows; the new ones are zero."""
    larger = np.zeros((array.shape[0], capacity, *array.shape[2:]), array.dtype)
    larger[:, : array.shape[1]] = array
    return larger
