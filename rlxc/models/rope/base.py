"""What every kind of rotary embedding has: how fast each pair of components turns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from rlxc.dialects.rope_tables import rope_frequencies

Array = NDArray[Any]


@dataclass(frozen=True)
class Rope:
    """`theta ** (-2i / n_rot)` radians a position for pair `i` (Su et al., RoFormer, 2021).

    `n_rot` components of a head are rotated; the subclasses turn some pairs more slowly, for longer sequences.
    """

    theta: float
    n_rot: int

    @property
    def table_width(self) -> int:
        """How many pairs the tables have."""
        return self.n_rot // 2

    @property
    def attention_factor(self) -> float:
        """What cosines and sines are multiplied by, so that the scores grow with the sequence."""
        return 1.0

    @property
    def varies(self) -> bool:
        """Whether the length of the sequence changes the rotation of all its positions."""
        return False

    def era(self, length: int) -> int:
        """What is cached for one length serves another one only if both are of one era."""
        return 0

    def inverse_frequencies(self, length: int) -> Array:
        """The angle of each pair in radians a position, `[table_width]`, for sequences of `length` positions."""
        return rope_frequencies(self.theta, self.table_width)
