"""The run-time checks of a whole function come first."""

from __future__ import annotations

from xdsl.dialects.cf import AssertOp
from xdsl.dialects.func import FuncOp
from xdsl.ir import Operation
from xdsl.rewriter import InsertPoint, Rewriter

from rlxc.passes.lowering.functions import body_of
from rlxc.passes.lowering.slices import backward_slice


def move_checks_to_start(function: FuncOp) -> None:
    """Move the checks, with what they are computed from, before everything else; drop repeated ones.

    Precondition: equal conditions are one value (cse).
    """
    block = body_of(function)
    checks = {op.arg: op for op in reversed(block.ops) if isinstance(op, AssertOp)}
    for op in list(block.ops):
        if isinstance(op, AssertOp) and checks[op.arg] is not op:
            Rewriter.erase_op(op)
    needed: set[Operation] = {*backward_slice(checks, block), *checks.values()}
    moved = [op for op in block.ops if op in needed]
    for op in moved:
        op.detach()
    Rewriter.insert_op(moved, InsertPoint.at_start(block))
