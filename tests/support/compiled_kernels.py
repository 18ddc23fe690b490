"""Kernels, compiled for this machine, and called by a team of threads on arrays."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import IndexType, MemRefType, ModuleOp, StringAttr, UnitAttr, i64
from xdsl.dialects.func import FuncOp

from rlxc.native.abi import MemRef
from rlxc.native.toolchain import DefaultToolchain
from rlxc.passes.kernels.vectors import function

Array = NDArray[Any]


def kernel_module(kernels: Sequence[Sequence[FuncOp]]) -> ModuleOp:
    """The functions of all kernels, each name once; the first function of each kernel is exported."""
    functions = {function.sym_name.data: function for kernel in kernels for function in kernel}
    for entry, *_ in kernels:
        functions[entry.sym_name.data] = entry
        entry.sym_visibility = StringAttr("public")
        entry.attributes["llvm.emit_c_interface"] = UnitAttr()
    module = ModuleOp([*functions.values(), barrier_function()])
    module.verify()
    return module


class CompiledKernels:
    """Functions whose last arguments are the number of the thread, the number of threads and a barrier."""

    def __init__(self, kernels: Sequence[Sequence[FuncOp]]):
        toolchain = DefaultToolchain(optimization_level=1)
        object_code = toolchain.compile_object(toolchain.lower(str(kernel_module(kernels))))
        symbols = [_symbol(entry.sym_name.data) for entry, *_ in kernels]
        self._library = toolchain.load_library(object_code, symbols)

    def call(self, name: str, arguments: Sequence[Array | int]) -> None:
        """Call a function; arrays may be strided."""
        values = [MemRef(x) if isinstance(x, np.ndarray) else x for x in arguments]
        kinds = [ctypes.c_void_p if isinstance(x, MemRef) else ctypes.c_int64 for x in values]
        passed = [x.pointer if isinstance(x, MemRef) else x for x in values]
        barrier = MemRef(np.zeros(16, np.int64))
        team = (ctypes.c_int64, ctypes.c_int64, ctypes.c_void_p)
        entry = self._library.function(_symbol(name), None, *kinds, *team)
        entry(*passed, 0, 1, barrier.pointer)


def barrier_function() -> FuncOp:
    """Nothing to wait for: so far one thread runs alone."""
    return function("rlxc_barrier", (("barrier", MemRefType(i64, [16])), ("num_threads", IndexType())), lambda *_: None)


def _symbol(name: str) -> str:
    return f"_mlir_ciface_{name}"
