"""Functions on tensors, lowered by this project's bufferization and loops, compiled, and called on arrays."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.context import Context
from xdsl.dialects import get_all_dialects
from xdsl.dialects.builtin import ModuleOp, UnitAttr
from xdsl.dialects.func import FuncOp
from xdsl.parser import Parser

from rlxc.native.abi import MemRef
from rlxc.native.library import Library
from rlxc.native.toolchain import DefaultToolchain
from rlxc.passes.arguments import held_result
from rlxc.passes.lowering.booleans_to_bytes import BooleansToBytesPass
from rlxc.passes.lowering.bufferize import RlxBufferizePass
from rlxc.passes.lowering.linalg_to_affine import RlxLinalgToAffinePass

Array = NDArray[Any]


class CompiledFunctions:
    """The functions of a module at the linalg level, by name."""

    def __init__(self, text: str, *, arena: bool = True):
        context, module = Context(), parse(text)
        RlxBufferizePass(arena=arena).apply(context, module)
        module.verify()
        RlxLinalgToAffinePass().apply(context, module)
        BooleansToBytesPass().apply(context, module)
        module.verify()
        self._held = {
            function.sym_name.data: _held(function) for function in module.ops if isinstance(function, FuncOp)
        }
        self._library = _compiled(module)

    def call(self, name: str, inputs: Sequence[Array | int], results: Sequence[Array]) -> list[Array]:
        """Call a function; the results are like `results`, and hold NaN, or -1, where nothing was written.

        What lies in a donated input is that array.
        """
        held = self._held[name]
        written = [_marked(result) for number, result in enumerate(results) if number not in held]
        arguments = [MemRef(x) if isinstance(x, np.ndarray) else x for x in (*inputs, *written)]
        kinds = [ctypes.c_void_p if isinstance(x, MemRef) else ctypes.c_int64 for x in arguments]
        function = self._library.function(_symbol(name), None, *kinds)
        function(*(x.pointer if isinstance(x, MemRef) else x for x in arguments))
        own = iter(written)
        return [np.asarray(inputs[held[number]]) if number in held else next(own) for number in range(len(results))]


def _held(function: FuncOp) -> dict[int, int]:
    """The results that lie in arguments, by their numbers."""
    found = {held_result(argument): argument.index for argument in function.args}
    return {number: index for number, index in found.items() if number is not None}


def parse(text: str) -> ModuleOp:
    """A module of upstream operations."""
    context = Context()
    for name, dialect in get_all_dialects().items():
        context.register_dialect(name, dialect)
    module = Parser(context, text).parse_module()
    module.verify()
    return module


def _compiled(module: ModuleOp) -> Library:
    functions = [op for op in module.walk() if isinstance(op, FuncOp)]
    for function in functions:
        function.attributes["llvm.emit_c_interface"] = UnitAttr()
    toolchain = DefaultToolchain(optimization_level=0)
    object_code = toolchain.compile_object(toolchain.lower(str(module)))
    return toolchain.load_library([object_code], [_symbol(function.sym_name.data) for function in functions])


def _symbol(name: str) -> str:
    return f"_mlir_ciface_{name}"


def _marked(result: Array) -> Array:
    return np.full_like(result, np.nan if result.dtype.kind == "f" else -1)
