"""LongRoPE."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from rlxc.models.rope.base import Array, Rope


@dataclass(frozen=True)
class LongRope(Rope):
    """Each pair has its own factors: for sequences of `original_positions` and for longer ones (Ding et al. 2024).

    `factor` is how much longer sequences can be; `scaling` is the attention factor, if it is given.
    """

    short_factors: tuple[float, ...]
    long_factors: tuple[float, ...]
    original_positions: int
    factor: float
    scaling: float | None = None

    @property
    def varies(self) -> bool:
        """See `Rope`."""
        return True

    @property
    def attention_factor(self) -> float:
        """See `Rope`."""
        if self.scaling is not None:
            return self.scaling
        return 1.0 if self.factor <= 1 else math.sqrt(1 + math.log(self.factor) / math.log(self.original_positions))

    def era(self, length: int) -> int:
        """See `Rope`."""
        return int(length > self.original_positions)

    def inverse_frequencies(self, length: int) -> Array:
        """See `Rope`."""
        factors = self.long_factors if self.era(length) else self.short_factors
        return super().inverse_frequencies(length) / np.array(factors)
