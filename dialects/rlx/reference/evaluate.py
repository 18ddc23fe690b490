"""Evaluating whole functions with the reference semantics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp
from xdsl.interpreter import Interpreter
from xdsl.interpreters.func import FuncFunctions

from rlxc.dialects.rlx.reference.functions import ParamResolver, RlxFunctions
from rlxc.dialects.rlx.reference.shapes import ShapeChecks
from rlxc.dialects.rlx.reference.upstream import UpstreamFunctions

Array = NDArray[Any]


def evaluate(
    module: ModuleOp,
    args: Sequence[Array | int],
    *,
    params: ParamResolver,
    dtype: DTypeLike = np.float64,
    function: str | None = None,
) -> tuple[Array, ...]:
    """Run a function of the module on arrays, in `dtype` arithmetic.

    Floating-point inputs and params are converted to `dtype` first; integer and boolean ones
    are taken as they are. `function` names the function, the first public one if absent.
    Raises IndexError where a position, length or token id is out of range, InterpretationError
    where shapes that must agree do not.
    """
    interpreter = Interpreter(module, listeners=(ShapeChecks(),))
    for functions in (FuncFunctions(), RlxFunctions(params, dtype), UpstreamFunctions(dtype)):
        interpreter.register_implementations(functions, override=True)
    name = entry_name(module) if function is None else function
    return interpreter.call_op(name, tuple(_converted(arg, dtype) for arg in args))


def entry_name(module: ModuleOp) -> str:
    """The name of the first public function."""
    for op in module.body.block.ops:
        if isinstance(op, FuncOp) and (op.sym_visibility is None or op.sym_visibility.data != "private"):
            return op.sym_name.data
    raise ValueError("the module has no public function")


def _converted(arg: Array | int, dtype: DTypeLike) -> Array | int:
    if isinstance(arg, np.ndarray) and arg.dtype.kind == "f":
        return arg.astype(dtype)
    return arg
