"""Functions on memrefs, compiled, and called by several threads at once."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp, UnitAttr
from xdsl.dialects.func import FuncOp

from rlxc.native.abi import MemRef
from rlxc.native.library import Library
from rlxc.native.toolchain import DefaultToolchain, Toolchain

Array = NDArray[Any]
Argument = Array | int


class ThreadedFunctions:
    """The functions of a module of loops, by name. ctypes gives the GIL free while one runs."""

    def __init__(self, module: ModuleOp, *, optimization_level: int = 2, toolchain: Toolchain | None = None):
        names = [op.sym_name.data for op in module.walk() if isinstance(op, FuncOp) and not op.is_declaration]
        for function in module.walk():
            if isinstance(function, FuncOp) and not function.is_declaration:
                function.attributes["llvm.emit_c_interface"] = UnitAttr()
        toolchain = toolchain or DefaultToolchain(optimization_level=optimization_level)
        self.object_code = toolchain.compile_object(toolchain.lower(str(module)))
        self._library: Library = toolchain.load_library([self.object_code], [_symbol(name) for name in names])

    def call(self, name: str, arguments: Sequence[Sequence[Argument]]) -> None:
        """Call a function once for each list of arguments, each on a thread of its own."""
        run_together([self.bind(name, each) for each in arguments])

    def bind(self, name: str, arguments: Sequence[Argument]) -> Callable[[], None]:
        """The function with its arguments."""
        passed = [MemRef(each) if isinstance(each, np.ndarray) else each for each in arguments]
        kinds = [ctypes.c_void_p if isinstance(each, MemRef) else ctypes.c_int64 for each in passed]
        function = self._library.function(_symbol(name), None, *kinds)
        return lambda: function(*(each.pointer if isinstance(each, MemRef) else each for each in passed))


def run_together(calls: Sequence[Callable[[], None]]) -> None:
    """Run each call on a thread of its own; returns when all have ended."""
    others = [threading.Thread(target=call) for call in calls[1:]]
    for thread in others:
        thread.start()
    calls[0]()
    for thread in others:
        thread.join()


def _symbol(name: str) -> str:
    return f"_mlir_ciface_{name}"
