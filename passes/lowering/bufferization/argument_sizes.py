"""The sizes of arguments, known before all else: what needs them later can then have a place in the arena."""

from __future__ import annotations

from xdsl.dialects import arith, memref
from xdsl.dialects.builtin import IntegerAttr
from xdsl.dialects.func import FuncOp
from xdsl.ir import BlockArgument, SSAValue
from xdsl.rewriter import Rewriter

from rlxc.passes.lowering.entry_values import EntryValues


def read_sizes_first(function: FuncOp) -> None:
    """Read each size of an argument once, at the start: copies of arguments read them wherever they are made."""
    values = EntryValues(function)
    for op in list(function.walk()):
        match op:
            case memref.DimOp(
                source=BlockArgument() as argument,
                index=SSAValue(owner=arith.ConstantOp(value=IntegerAttr(value=axis))),
            ) if argument.block is function.body.block:
                size = values.dim(argument, axis.data)
                if size is not op.result:
                    op.result.replace_all_uses_with(size)
                    Rewriter.erase_op(op)
            case _:
                pass
