"""The scaling of Llama 3."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rlxc.models.rope.base import Array, Rope


@dataclass(frozen=True)
class Llama3Rope(Rope):
    """Pairs whose wavelength is long against `original_positions` turn `factor` times more slowly.

    Short ones, of which `high_freq_factor` or more fit, stay as they are; between
    `low_freq_factor` and `high_freq_factor` the two are blended.
    """

    factor: float
    low_freq_factor: float
    high_freq_factor: float
    original_positions: int

    def inverse_frequencies(self, length: int) -> Array:
        """See `Rope`."""
        frequencies = super().inverse_frequencies(length)
        turns = self.original_positions * frequencies / (2 * np.pi)
        kept = np.clip((turns - self.low_freq_factor) / (self.high_freq_factor - self.low_freq_factor), 0, 1)
        return kept * frequencies + (1 - kept) * frequencies / self.factor
