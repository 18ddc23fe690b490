"""Numbers that NumPy has no type for: the upper half of a float32, and encoded matrices."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rlxc.weights.encoded import EncodedMatrix

BFLOAT16 = np.dtype([("bfloat16", "<u2")])
"""The type of an array of bfloat16 as it is stored: it can be sliced and transposed, but not calculated with."""


def from_bfloat16(bits: NDArray[np.uint16]) -> NDArray[np.float32]:
    """The values of bfloat16 `bits`; every one is exact in float32."""
    return (bits.astype(np.uint32) << 16).view(np.float32)


def floats(array: NDArray[Any] | EncodedMatrix) -> NDArray[Any]:
    """The array itself, or the values of one of type `BFLOAT16` or of an encoded matrix."""
    if isinstance(array, EncodedMatrix):
        return array.values()
    return from_bfloat16(array.view("<u2")) if array.dtype == BFLOAT16 else array


def copy_floats(target: NDArray[Any], source: NDArray[Any] | EncodedMatrix) -> None:
    """Fill `target`, of a floating-point type, with the values of `source`, without a second copy of them."""
    if isinstance(source, EncodedMatrix):
        source.copy_to(target)
    elif source.dtype == BFLOAT16 and target.dtype == np.float32:
        bits = target.view(np.uint32)
        np.left_shift(source.view("<u2"), 16, out=bits, dtype=np.uint32, casting="unsafe")
    else:
        target[...] = floats(source)
