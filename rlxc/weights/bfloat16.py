"""The upper half of a float32, which NumPy has no type for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def from_bfloat16(bits: NDArray[np.uint16]) -> NDArray[np.float32]:
    """The values of bfloat16 `bits`; every one is exact in float32."""
    return (bits.astype(np.uint32) << 16).view(np.float32)
