"""Proportional rope, of Gemma 4."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rlxc.models.rope.base import Array, Rope


@dataclass(frozen=True)
class ProportionalRope(Rope):
    """The tables are as wide as a head, but only the first `turning` pairs turn.

    Pair `i` is `(i, i + n_rot / 2)` with the exponent `-2i / n_rot`, where `n_rot` is all of the head.
    """

    turning: int
    factor: float = 1.0

    def inverse_frequencies(self, length: int) -> Array:
        """See `Rope`."""
        frequencies = super().inverse_frequencies(length) / self.factor
        return np.where(np.arange(self.table_width) < self.turning, frequencies, 0.0)
