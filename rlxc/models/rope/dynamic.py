"""Dynamic NTK scaling."""

from __future__ import annotations

from dataclasses import dataclass

from rlxc.dialects.rope_tables import rope_frequencies
from rlxc.models.rope.base import Array, Rope


@dataclass(frozen=True)
class DynamicRope(Rope):
    """Beyond `max_positions`, theta grows with the length of the sequence."""

    factor: float
    max_positions: int

    @property
    def varies(self) -> bool:
        """See `Rope`."""
        return True

    def inverse_frequencies(self, length: int) -> Array:
        """See `Rope`."""
        stretch = self.factor * max(length, self.max_positions) / self.max_positions - (self.factor - 1)
        return rope_frequencies(self.theta * stretch ** (self.n_rot / (self.n_rot - 2)), self.table_width)
