"""What the native reader of arrays expects of them, and where it describes them."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rlxc.native.abi import DTYPES, descriptor_type
from rlxc.native.signature import ArrayType

C_CONTIGUOUS, ALIGNED, WRITEABLE = 0x1, 0x100, 0x400
"""Flags of NumPy's binary interface."""

ANY_SIZE, FIRST_NAME = -1, -2
"""How a plan writes a size that may be anything; the first of those that have a name, further ones are lower."""

WORDS_OF_EXTENT = 3
"""Where an array begins and ends, and whether it is written to."""


@dataclass(frozen=True)
class Expected:
    """An array in a tuple."""

    index: int
    type: ArrayType
    written: bool = False


class ReadingPlan:
    """The memory of the reader, in words.

    - The number of arrays, the type `ndarray`, and where the items of a tuple and the fields of an array lie in them.
    - The number of named sizes, where they are noted, and where it is noted which memory each array takes.
    - Of each array its index in the tuple, its element type, the flags that it must have, whether it is written to,
      the bytes of an element, its rank, where its descriptor lies, and its sizes.
    """

    def __init__(self, arrays: Sequence[Expected]):
        self._names: dict[str, int] = {}
        self._descriptors = [descriptor_type(one.type.rank)() for one in arrays]
        self.pointers = [ctypes.addressof(one) for one in self._descriptors]
        """The addresses of the descriptors."""
        records = [word for one, place in zip(arrays, self.pointers, strict=True) for word in self._record(one, place)]
        self._sizes = (ctypes.c_int64 * len(self._names))()
        self._extents = (ctypes.c_int64 * (WORDS_OF_EXTENT * len(arrays)))()
        objects = [len(arrays), id(np.ndarray), tuple.__basicsize__, object.__basicsize__]
        notes = [len(self._names), ctypes.addressof(self._sizes), ctypes.addressof(self._extents)]
        words = [*objects, *notes, *records]
        self._words = (ctypes.c_int64 * len(words))(*words)
        self.address = ctypes.addressof(self._words)
        """Where the plan lies, while this object lives."""

    def _record(self, one: Expected, descriptor: int) -> list[int]:
        dtype = DTYPES[one.type.element]
        flags = C_CONTIGUOUS | ALIGNED | (WRITEABLE if one.written else 0)
        sizes = [self._size(size) for size in one.type.shape]
        return [one.index, id(dtype), flags, one.written, dtype.itemsize, one.type.rank, descriptor, *sizes]

    def _size(self, size: int | str) -> int:
        if isinstance(size, int):
            return size
        return FIRST_NAME - self._names.setdefault(size, len(self._names)) if size else ANY_SIZE
