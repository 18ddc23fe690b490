"""The run-time checks of a whole function: declared dimensions agree, and all checks come first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from xdsl.builder import ImplicitBuilder
from xdsl.dialects.builtin import DYNAMIC_INDEX, ArrayAttr, StringAttr, TensorType
from xdsl.dialects.cf import AssertOp
from xdsl.dialects.func import FuncOp
from xdsl.ir import Block, BlockArgument, Operation
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.utils.exceptions import PassFailedException
from xdsl.utils.hints import isa

from rlxc.dialects.rlx.base import shape_of
from rlxc.passes.arguments import DIMS, argument_attributes, dim_names
from rlxc.passes.lowering.argument_names import input_names
from rlxc.passes.lowering.dims import dim, own_dim
from rlxc.passes.lowering.functions import body_of
from rlxc.passes.lowering.scalars import truth
from rlxc.passes.lowering.slices import backward_slice

_Axis: TypeAlias = tuple[BlockArgument, int]


def check_named_dims(function: FuncOp) -> None:
    """Assert at the start that dimensions of inputs with the same declared name are equal.

    Raises PassFailedException if an input names more or fewer dimensions than are dynamic.
    """
    names, checks = input_names(function), Block()
    for argument in function.args:
        _require_all_named(argument, names[argument.index])
    with ImplicitBuilder(checks):
        for name, (argument, axis), (other, other_axis) in _dims_with_equal_names(function):
            agree = own_dim(other, other_axis, f"{names[other.index]}_{name}").equals(dim(argument, axis))
            inputs = f"{names[argument.index]} and {names[other.index]}"
            AssertOp(truth(agree).value, f"inputs {inputs} differ in dimension '{name}'")
    Rewriter.inline_block(checks, InsertPoint.at_start(body_of(function)))


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


def _require_all_named(argument: BlockArgument, name: str) -> None:
    declared = argument_attributes(argument).get(DIMS)
    if declared is None:
        return
    dynamic = shape_of(argument).count(DYNAMIC_INDEX) if isa(argument.type, TensorType) else 0
    if not isa(declared, ArrayAttr[StringAttr]) or len(declared) != dynamic:
        raise PassFailedException(f"'{DIMS}' of {name} must name its {dynamic} dynamic dimensions, got {declared}")


def _dims_with_equal_names(function: FuncOp) -> Iterator[tuple[str, _Axis, _Axis]]:
    """Each named dimension whose name is not the first of its kind: the first axis with the name, and this one."""
    first: dict[str, _Axis] = {}
    for argument in function.args:
        for axis, name in dim_names(argument).items():
            here = (argument, axis)
            if (there := first.setdefault(name, here)) != here:
                yield name, there, here
