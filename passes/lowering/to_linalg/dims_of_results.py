"""Sizes of computed tensors become those of the arguments that they come from."""

from __future__ import annotations

from xdsl.builder import ImplicitBuilder
from xdsl.dialects.func import FuncOp
from xdsl.dialects.tensor import DimOp
from xdsl.ir import Block, OpResult
from xdsl.rewriter import InsertPoint, Rewriter

from rlxc.passes.lowering.dims import dim, size_source
from rlxc.passes.lowering.scalars import as_value


def measure_arguments(function: FuncOp) -> None:
    """`tensor.dim` of a result -> of an argument, where the size comes from one.

    A check of such a size can be made before the call then: it knows the arguments, but no result.
    """
    for op in [op for op in function.walk() if isinstance(op, DimOp) and isinstance(op.source, OpResult)]:
        axis = size_source(op.index)
        if not isinstance(axis, int):
            continue
        block = Block()
        with ImplicitBuilder(block):
            size = as_value(dim(op.source, axis))
        Rewriter.inline_block(block, InsertPoint.before(op))
        op.result.replace_all_uses_with(size)
        Rewriter.erase_op(op)
