"""The function that checks the inputs of a native function, and computes the sizes of its results."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

from rlxc.diagnostics import RlxcError
from rlxc.native.entry import input_types
from rlxc.native.library import Code
from rlxc.native.signature import Signature


class Prepare:
    """`name_prepare` of a loaded library."""

    def __init__(self, signature: Signature, library: Code):
        self._name, self._checks = signature.name, signature.checks
        self._count = signature.returned
        inputs, symbol = input_types(signature), signature.symbols[1]
        if self._count:
            self._function = library.function(symbol, None, ctypes.c_void_p, *inputs)
        else:
            self._function = library.function(symbol, ctypes.c_int64, *inputs)

    def memory(self) -> ctypes.Array[ctypes.c_int64]:
        """Memory for what the function returns."""
        return (ctypes.c_int64 * (1 + self._count))()

    def __call__(self, passed: Sequence[Any], memory: ctypes.Array[ctypes.c_int64]) -> list[int]:
        """What the function returns after the status. Raises RlxcError if a check fails."""
        if self._count:
            self._function(memory, *passed)
            status, *sizes = memory
        else:
            status, sizes = self._function(*passed), []
        if status != 0:
            raise RlxcError(f"{self._name}: {self._checks[status - 1]}")
        return sizes
