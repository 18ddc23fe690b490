"""The run-time checks that dimensions which `rlx.dims` gives one name are equal: of inputs, and of calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from xdsl.builder import ImplicitBuilder
from xdsl.dialects.builtin import DYNAMIC_INDEX, ArrayAttr, StringAttr, TensorType
from xdsl.dialects.cf import AssertOp
from xdsl.dialects.func import CallOp, FuncOp
from xdsl.ir import Block, BlockArgument
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.utils.exceptions import PassFailedException
from xdsl.utils.hints import isa

from rlxc.dialects.rlx.base import shape_of
from rlxc.passes.arguments import argument_attributes, dim_names
from rlxc.passes.attribute_names import DIMS
from rlxc.passes.lowering.argument_names import input_names
from rlxc.passes.lowering.dims import dim, dim_source, own_dim
from rlxc.passes.lowering.functions import body_of
from rlxc.passes.lowering.scalars import truth

_Axis: TypeAlias = tuple[BlockArgument, int]


def check_named_dims(function: FuncOp) -> None:
    """Assert at the start that dimensions of inputs with the same declared name are equal.

    Raises PassFailedException if an input names more or fewer dimensions than are dynamic.
    """
    names, checks = _checked_names(function), Block()
    with ImplicitBuilder(checks):
        for name, (argument, axis), (other, other_axis) in _dims_with_equal_names(function):
            agree = own_dim(other, other_axis, f"{names[other.index]}_{name}").equals(dim(argument, axis))
            inputs = f"{names[argument.index]} and {names[other.index]}"
            AssertOp(truth(agree).value, f"inputs {inputs} differ in dimension '{name}'")
    Rewriter.inline_block(checks, InsertPoint.at_start(body_of(function)))


def check_call(call: CallOp, callee: FuncOp) -> None:
    """Assert before a call that operands agree where the callee gives dimensions of its arguments one name.

    Sizes that are certainly equal need no assertion.
    Raises PassFailedException if an argument names more or fewer dimensions than are dynamic.
    """
    names, checks = _checked_names(callee), Block()
    with ImplicitBuilder(checks):
        for name, (argument, axis), (other, other_axis) in _dims_with_equal_names(callee):
            first, second = (call.operands[argument.index], axis), (call.operands[other.index], other_axis)
            if dim_source(*first) != dim_source(*second):
                arguments = f"arguments {names[argument.index]} and {names[other.index]}"
                agree = truth(own_dim(*second, f"{names[other.index]}_{name}").equals(dim(*first)))
                AssertOp(agree.value, f"call of @{callee.sym_name.data}: {arguments} differ in dimension '{name}'")
    Rewriter.inline_block(checks, InsertPoint.before(call))


def _checked_names(function: FuncOp) -> list[str]:
    """The names of the arguments, each of which names all of its dynamic dimensions or none."""
    names = input_names(function)
    for argument in function.args:
        _require_all_named(argument, names[argument.index])
    return names


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
