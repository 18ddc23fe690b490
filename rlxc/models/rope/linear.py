"""Position interpolation."""

from __future__ import annotations

from dataclasses import dataclass

from rlxc.models.rope.base import Array, Rope


@dataclass(frozen=True)
class LinearRope(Rope):
    """All pairs turn `factor` times more slowly (Chen et al. 2023)."""

    factor: float

    def inverse_frequencies(self, length: int) -> Array:
        """See `Rope`."""
        return super().inverse_frequencies(length) / self.factor
