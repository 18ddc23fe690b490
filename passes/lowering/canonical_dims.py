"""Sizes of computed tensors, by the arguments that they come from."""

from __future__ import annotations

from xdsl.builder import ImplicitBuilder
from xdsl.dialects import tensor
from xdsl.dialects.func import FuncOp
from xdsl.ir import Block
from xdsl.rewriter import InsertPoint, Rewriter

from rlxc.passes.lowering.dims import Dim, dim, dim_source, size_source
from rlxc.passes.lowering.scalars import as_value


def canonicalize_dims(function: FuncOp) -> None:
    """Replace the size of an axis by the same size of an argument, or by the value that it was made with.

    The sizes of arguments stay: run-time checks compare those that are declared to be equal. A check of what is left
    can be made before the call: it knows the arguments, but no result.
    """
    for op in [op for op in function.walk() if isinstance(op, tensor.DimOp)]:
        axis = size_source(op.index)
        is_argument = op.source in function.args
        if is_argument or not isinstance(axis, int) or dim_source(op.source, axis) == Dim(op.source, axis):
            continue
        sizes = Block()
        with ImplicitBuilder(sizes):
            size = as_value(dim(op.source, axis))
        Rewriter.inline_block(sizes, InsertPoint.before(op))
        op.result.replace_all_uses_with(size)
        Rewriter.erase_op(op)
