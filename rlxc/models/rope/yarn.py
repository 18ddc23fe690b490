"""YaRN."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from rlxc.models.rope.base import Array, Rope


@dataclass(frozen=True)
class YarnRope(Rope):
    """Fast pairs stay, slow pairs turn `factor` times more slowly, with a ramp between them (Peng et al. 2023).

    The ramp goes from the pair that turns `beta_fast` times in `original_positions` to the one that turns
    `beta_slow` times; with `truncate` both ends are whole numbers. `scaling` is the attention factor, if it is given.
    """

    factor: float
    original_positions: int
    beta_fast: float = 32.0
    beta_slow: float = 1.0
    truncate: bool = True
    scaling: float | None = None
    mscale: float | None = None
    mscale_all_dim: float | None = None

    @property
    def attention_factor(self) -> float:
        """See `Rope`."""
        if self.scaling is not None:
            return self.scaling
        if self.mscale and self.mscale_all_dim:
            return self._magnitude(self.mscale) / self._magnitude(self.mscale_all_dim)
        return self._magnitude(1.0)

    def inverse_frequencies(self, length: int) -> Array:
        """See `Rope`."""
        frequencies = super().inverse_frequencies(length)
        low, high = self._pair_turning(self.beta_fast), self._pair_turning(self.beta_slow)
        if self.truncate:
            low, high = math.floor(low), math.ceil(high)
        low, high = max(low, 0), min(high, self.n_rot - 1)
        slowed = np.clip((np.arange(self.table_width) - low) / (max(high - low, 1e-3)), 0, 1)
        return frequencies / self.factor * slowed + frequencies * (1 - slowed)

    def _pair_turning(self, turns: float) -> float:
        """The number of the pair, counted through fractions, that turns so often in `original_positions`."""
        wavelength = self.original_positions / (turns * 2 * math.pi)
        return self.n_rot * math.log(wavelength) / (2 * math.log(self.theta))

    def _magnitude(self, mscale: float) -> float:
        return 1.0 if self.factor <= 1 else 0.1 * mscale * math.log(self.factor) + 1.0
