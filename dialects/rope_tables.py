"""The rotary embedding in numbers (Su et al. 2021)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def rope_frequencies(theta: float, half_n_rot: int) -> NDArray[np.float64]:
    """How far each pair turns from one position to the next: `theta ** (-2i / n_rot)`, as `[half_n_rot]`."""
    return theta ** (-np.arange(half_n_rot, dtype=np.float64) / half_n_rot)


def rope_table(kind: str, theta: float, positions: int, half_n_rot: int) -> NDArray[np.float64]:
    """`cos` or `sin`, as `kind` says, of `p * theta ** (-2i / n_rot)`, as `[positions, half_n_rot]`."""
    angles = np.arange(positions, dtype=np.float64)[:, None] * rope_frequencies(theta, half_n_rot)
    return np.cos(angles) if kind == "cos" else np.sin(angles)
