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


class Descriptor(ctypes.Structure):
    """A memref of rank 0; see `descriptor_type` for the others.

    `allocated` is what `free` would take, `aligned + offset` the first element; the native
    code reads the last two.
    """

    _fields_ = [("allocated", ctypes.c_void_p), ("aligned", ctypes.c_void_p), ("offset", ctypes.c_int64)]


@cache
def descriptor_type(rank: int) -> type[Descriptor]:
    """The descriptor of a memref of `rank` dimensions: after the pointers, the sizes and the strides, in elements."""
    if rank == 0:
        return Descriptor
    sizes = ctypes.c_int64 * rank
    return type(f"Descriptor{rank}", (Descriptor,), {"_fields_": [("sizes", sizes), ("strides", sizes)]})


class MemRef:
    """An array, and the descriptor by which native code reaches it."""

    def __init__(self, array: NDArray[Any]):
        self.array = array
        address = array.ctypes.data
        if array.ndim:
            strides = tuple([stride // array.itemsize for stride in array.strides])
            self.descriptor = descriptor_type(array.ndim)(address, address, 0, array.shape, strides)
        else:
            self.descriptor = Descriptor(address, address, 0)

    @property
    def pointer(self) -> int:
        """The address of the descriptor, valid while this object lives."""
        return ctypes.addressof(self.descriptor)


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
    fits = array.ndim == kind.rank and all(
        isinstance(size, str) or size == found for size, found in zip(kind.shape, array.shape, strict=True)
    )
    if not fits:
        raise RlxcError(f"'{name}' must have shape {shape_text(kind)}, got {list(array.shape)}")
    if donated and not array.flags.carray:
        raise RlxcError(f"'{name}' is written to: it must be a contiguous, writeable array")
    flags = array.flags
    return MemRef(array if flags.c_contiguous and flags.aligned else np.require(array, requirements=["C", "A"]))


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
