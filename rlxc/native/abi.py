"""How NumPy arrays and numbers cross into native code: MLIR's memref descriptors, by ctypes."""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from rlxc.diagnostics import RlxcError
from rlxc.native.signature import ArrayType, ScalarType

DTYPES: dict[str, np.dtype[Any]] = {
    "f32": np.dtype(np.float32),
    "f64": np.dtype(np.float64),
    "i1": np.dtype(np.bool_),
    "i8": np.dtype(np.int8),
    "i32": np.dtype(np.int32),
    "i64": np.dtype(np.int64),
    "index": np.dtype(np.int64),
}
"""The NumPy type of each element type. A boolean is a byte, 0 or 1."""

SCALARS: dict[str, type[Any]] = {
    "f32": ctypes.c_float,
    "f64": ctypes.c_double,
    "i1": ctypes.c_bool,
    "i8": ctypes.c_int8,
    "i32": ctypes.c_int32,
    "i64": ctypes.c_int64,
    "index": ctypes.c_int64,
}
"""The C type of each number that is passed by value."""


@cache
def descriptor_type(rank: int) -> type[ctypes.Array[ctypes.c_int64]]:
    """The descriptor of a memref of `rank` dimensions, in words: two pointers, an offset, the sizes and the strides.

    The first pointer is what `free` would take, the second one and the offset give the first element; native code
    reads these. Sizes and strides are in elements.
    """
    return ctypes.c_int64 * (3 + 2 * rank)


class MemRef:
    """An array, and the descriptor by which native code reaches it."""

    def __init__(self, array: NDArray[Any]):
        self.array = array
        shape, size, address = array.shape, array.itemsize, address_of(array)
        strides = [stride // size for stride in array.strides]
        self.descriptor = descriptor_type(len(shape))(address, address, 0, *shape, *strides)
        self.pointer = ctypes.addressof(self.descriptor)
        """The address of the descriptor, valid while this object lives."""


def address_of(array: NDArray[Any]) -> int:
    """Where the first element of an array lies."""
    try:
        # Takes a quarter of the time of the other, but only from memory that can be written.
        return ctypes.addressof(ctypes.c_char.from_buffer(cast(Any, array)))
    except (TypeError, ValueError):
        return array.ctypes.data


def array_argument(name: str, kind: ArrayType, value: Any, *, donated: bool = False) -> MemRef:
    """`value` as an argument of type `kind`. Nothing is converted.

    An array that is not contiguous is copied, unless it is `donated`: then the function may
    write into it, and it has to be contiguous and writeable.
    """
    if not isinstance(value, np.ndarray):
        raise RlxcError(f"'{name}' must be a NumPy array, got {type(value).__name__}")
    array = cast("NDArray[Any]", value)
    expected = DTYPES[kind.element]
    if array.dtype != expected:
        raise RlxcError(f"'{name}' must have dtype {expected}, got {array.dtype}")
    if not has_shape(array, kind.shape):
        raise RlxcError(f"'{name}' must have shape {shape_text(kind)}, got {list(array.shape)}")
    flags = array.flags
    if donated and not flags.carray:
        raise RlxcError(f"'{name}' is written to: it must be a contiguous, writeable array")
    return MemRef(array if flags.c_contiguous and flags.aligned else np.require(array, requirements=["C", "A"]))


def has_shape(array: NDArray[Any], shape: tuple[int | str, ...]) -> bool:
    """Whether an array has these sizes, of which some are known by name only. A loop: each call comes by here."""
    if array.ndim != len(shape):
        return False
    for size, found in zip(shape, array.shape, strict=True):
        if size != found and not isinstance(size, str):
            return False
    return True


def scalar_argument(name: str, kind: ScalarType, value: Any) -> Any:
    """`value` as a C number of type `kind`."""
    dtype = DTYPES[kind.element]
    accepted = (int, float, np.integer, np.floating) if dtype.kind == "f" else (int, np.integer, np.bool_)
    if not isinstance(value, accepted):
        what = "number" if dtype.kind == "f" else "whole number"
        raise RlxcError(f"'{name}' must be a {what}, got {type(value).__name__}")
    number = cast(Any, value)
    if dtype.kind == "i" and not np.iinfo(dtype).min <= number <= np.iinfo(dtype).max:
        raise RlxcError(f"'{name}' is {number}, which does not fit in {kind.element}")
    return SCALARS[kind.element](number)


def shape_text(kind: ArrayType) -> str:
    """`[B, S, 64]`."""
    return f"[{', '.join(str(size) or '?' for size in kind.shape)}]"
