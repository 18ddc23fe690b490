"""Concrete shapes of every value of a function, for given sizes of its named dimensions.

The shapes come from the operations' own definitions: the operand types are bound to their named
dimensions, and the result types inferred from these.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias, cast

from xdsl.dialects.builtin import DYNAMIC_INDEX, ArrayAttr, StringAttr, TensorType
from xdsl.dialects.func import FuncOp
from xdsl.ir import BlockArgument, Operation, SSAValue
from xdsl.irdl import IRDLOperation, VariadicDef
from xdsl.irdl.constraints import VerificationContext
from xdsl.utils.hints import isa

from rlxc.passes.arguments import argument_attributes
from rlxc.passes.attribute_names import DIMS

Shape: TypeAlias = "tuple[int, ...]"
Shapes: TypeAlias = "dict[SSAValue, Shape]"

DEFAULT_SIZES = {"B": 1, "S": 512}
"""Batch and sequence, unless the user says otherwise."""

OTHER_SIZE = 512


def value_shapes(function: FuncOp, sizes: Mapping[str, int]) -> Shapes:
    """The shape of every tensor of the function, where `sizes` replaces some of its `named_sizes`."""
    shapes: Shapes = {}
    known = {**named_sizes(function), **sizes}
    for argument in function.args:
        if isa(argument.type, TensorType):
            dynamic = iter(argument_dimensions(argument))
            shapes[argument] = tuple(
                known[next(dynamic)] if size == DYNAMIC_INDEX else size for size in argument.type.get_shape()
            )
    for op in function.body.block.ops:
        infer(op, shapes)
    return shapes


def named_sizes(function: FuncOp) -> dict[str, int]:
    """The sizes of the function's dynamic dimensions by name, in order, unless the user says otherwise."""
    names = (name for argument in function.args for name in argument_dimensions(argument))
    return {name: DEFAULT_SIZES.get(name, OTHER_SIZE) for name in names}


def argument_dimensions(argument: BlockArgument) -> Iterator[str]:
    """The names of the dynamic dimensions of an argument, in order; `B` and `S` where it gives none."""
    if not isa(argument.type, TensorType):
        return
    names = argument_attributes(argument).get(DIMS)
    labels = iter([name.data for name in names] if isa(names, ArrayAttr[StringAttr]) else [])
    for axis, size in enumerate(argument.type.get_shape()):
        if size == DYNAMIC_INDEX:
            yield next(labels, "B" if axis == 0 else "S")


def infer(op: Operation, shapes: Shapes) -> None:
    """Add the shapes of the results of `op`, from those of its operands."""
    inferred = inferred_shapes(op, shapes)
    first = next((shapes[operand] for operand in op.operands if operand in shapes), ())
    for result in op.results:
        if isa(result.type, TensorType):
            shapes[result] = inferred.get(result) or like_first_operand(result.type.get_shape(), first)


def inferred_shapes(op: Operation, shapes: Shapes) -> Shapes:
    """The shapes that the definition of the operation implies, as far as it does."""
    if not isinstance(op, IRDLOperation) or op.name.partition(".")[0] != "rlx":
        return {}
    definition, context, bound = op.get_irdl_definition(), VerificationContext(), set[str]()
    for name, operand in definition.operands:
        value = cast("SSAValue | None", getattr(op, name))
        if value is not None and value in shapes:
            constraint = operand.constr
            assert isa(value.type, TensorType)
            constraint.verify((TensorType(value.type.element_type, shapes[value]),), context)
            bound |= constraint.variables()
    results: Shapes = {}
    for name, result in definition.results:
        if not isinstance(result, VariadicDef) and result.constr.can_infer(bound, length_known=True):
            (type_,) = result.constr.infer(context, length=1)
            assert isa(type_, TensorType)
            results[getattr(op, name)] = type_.get_shape()
    return results


def like_first_operand(shape: Shape, first: Shape) -> Shape:
    """`shape` with its dynamic sizes taken from the same axes of the first operand."""
    return tuple(
        (first[axis] if axis < len(first) else 1) if size == DYNAMIC_INDEX else size for axis, size in enumerate(shape)
    )
