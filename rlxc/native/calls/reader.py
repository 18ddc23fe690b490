"""The native reader of arrays as a Python function."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from typing import Any, TypeAlias

from rlxc.native.calls.reader_code import READ
from rlxc.native.library import Code

Read: TypeAlias = Callable[[int, tuple[object, ...]], int]
"""`read(address of a plan, tuple)`: 0 if all arrays are described, 1 if one is not as expected."""


def reader(code: Code) -> Read | None:
    """The function `READ` of `code`, which keeps the GIL; nothing if this Python has other objects than CPython's."""
    if sys.implementation.name != "cpython":
        return None
    read: Any = ctypes.PYFUNCTYPE(ctypes.c_int64, ctypes.c_void_p, ctypes.py_object)(code.address(READ))
    read.code = code  # The code lives as long as the function.
    return read
