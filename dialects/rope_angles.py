"""The angles of the rotary embedding (Su et al. 2021)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def rope_angles(theta: float, positions: int, half_n_rot: int) -> NDArray[np.float64]:
    """`p * theta ** (-2i / n_rot)`, as `[positions, half_n_rot]`."""
    frequency = theta ** (-np.arange(half_n_rot, dtype=np.float64) / half_n_rot)
    return np.arange(positions, dtype=np.float64)[:, None] * frequency
