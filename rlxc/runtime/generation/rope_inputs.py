"""Rope tables that depend on the length of the sequence, filled while it is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rlxc.models.rope import Rope, rope_rows

Array = NDArray[Any]


class RopeInputs:
    """The inputs `{name}_cos` and `{name}_sin` for those of the rotary embeddings that vary.

    A row is that of its position in a sequence as long as it was when the row was filled: what is rotated once,
    and cached, stays as it is.
    """

    def __init__(self, ropes: Mapping[str, Rope], positions: int):
        self._ropes = {name: rope for name, rope in ropes.items() if rope.varies}
        self.arrays: dict[str, Array] = {
            f"{name}_{kind}": np.zeros((positions, rope.table_width), np.float32)
            for name, rope in self._ropes.items()
            for kind in ("cos", "sin")
        }

    def goes_on(self, length: int, longer: int) -> bool:
        """Whether what is cached for a sequence of `length` serves one that is longer."""
        return all(rope.era(length) == rope.era(longer) for rope in self._ropes.values())

    def fill(self, first: int, end: int) -> None:
        """Fill the rows `first` to `end` for a sequence of `end` positions."""
        for name, rope in self._ropes.items():
            for kind, rows in zip(("cos", "sin"), rope_rows(rope, range(first, end), end), strict=True):
                self.arrays[f"{name}_{kind}"][first:end] = rows
