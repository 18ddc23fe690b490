"""Calls of functions that are lowered by themselves."""

from __future__ import annotations

from collections.abc import Mapping

from xdsl.builder import ImplicitBuilder
from xdsl.dialects.builtin import TensorType
from xdsl.dialects.func import CallOp, FuncOp
from xdsl.ir import Attribute, Block, BlockArgument, SSAValue
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.utils.exceptions import PassFailedException
from xdsl.utils.hints import isa

from rlxc.dialects.kernel import KernelCallOp
from rlxc.passes.arguments import argument_attributes
from rlxc.passes.attribute_names import NUM_THREADS
from rlxc.passes.lowering.call_order import callee_name, calls_in
from rlxc.passes.lowering.dims import Dim, dim_source, dims
from rlxc.passes.lowering.to_linalg.structured import empty


def convert_calls(function: FuncOp, called: Mapping[str, FuncOp], threads: SSAValue) -> None:
    """Let the calls of functions that are converted already take the number of threads, and memory for the results."""
    for call in calls_in(function):
        if isinstance(call, CallOp) and (callee := called.get(callee_name(call))) is not None:
            _convert(call, callee, threads)


def _convert(call: CallOp, callee: FuncOp, threads: SSAValue) -> None:
    arguments = list(call.arguments)
    arguments.insert(_place_of_threads(callee), threads)
    made = Block()
    with ImplicitBuilder(made):
        kernel = KernelCallOp(callee_name(call), arguments, [_memory(result) for result in call.results])
    for op in made.ops:
        op.location = call.location
    Rewriter.inline_block(made, InsertPoint.before(call))
    for result, written in zip(call.results, kernel.written, strict=True):
        written.name_hint = result.name_hint
    Rewriter.replace_op(call, [], kernel.written)


def _place_of_threads(callee: FuncOp) -> int:
    return next(argument.index for argument in callee.args if NUM_THREADS in argument_attributes(argument))


def _memory(result: SSAValue) -> SSAValue:
    """Memory for what a call returns. Raises PassFailedException if only the called function knows its size."""
    assert isa(result.type, TensorType[Attribute])
    for axis in range(len(result.type.get_shape())):
        if dim_source(result, axis) == Dim(result, axis) and not isinstance(result, BlockArgument):
            raise PassFailedException(
                f"only the called function knows the size of axis {axis} of what it returns: run rlx-inline-calls"
            )
    return empty(dims(result), result.type.element_type)
