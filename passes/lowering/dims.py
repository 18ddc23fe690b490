"""Canonical dimensions: the size of an axis, found where it enters the function.

The size of an axis of an intermediate value is that of some argument of the function, as a rule.
`dim` walks through the producers to that argument, so that equal sizes become one value:
`%q = linalg.generic ... : tensor<?x?x64xf32>` of `%x` has the sizes `tensor.dim %x, %c0` and `%c1`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from xdsl.dialects import arith, scf, tensor
from xdsl.dialects.builtin import (
    DYNAMIC_INDEX,
    I64,
    DenseArrayBase,
    IndexType,
    IntegerAttr,
)
from xdsl.dialects.func import CallOp, FuncOp, ReturnOp
from xdsl.dialects.linalg.abstract_ops import LinalgStructuredOperation
from xdsl.dialects.linalg.ops import BroadcastOp
from xdsl.ir import BlockArgument, OpResult, SSAValue
from xdsl.traits import SymbolTable

from rlxc.dialects.kernel import KernelOperation
from rlxc.dialects.rlx import RlxOperation, SplitOp
from rlxc.dialects.rlx.base import shape_of
from rlxc.dialects.rlx.dimension_names import operand_dimension_like
from rlxc.passes.arguments import dim_names, first_of_same_size
from rlxc.passes.lowering.scalars import Scalar, Size, constant


@dataclass(frozen=True)
class Dim:
    """The size of one axis of a value that no producer explains: an argument, as a rule."""

    value: SSAValue
    axis: int


Source: TypeAlias = int | Dim | SSAValue
"""Where a size comes from: it is a literal, the size of an axis, or an index value that is computed."""


def dim(value: SSAValue, axis: int) -> Size:
    """The size of an axis: an int if the type says so, else an index value, as near to the arguments as possible."""
    if (size := shape_of(value)[axis]) != DYNAMIC_INDEX:
        return size
    match source := dim_source(value, axis):
        case int():
            return Scalar(constant(source, IndexType()).value, key=source)
        case Dim():
            return own_dim(source.value, source.axis, _hint(source))
        case SSAValue():
            return Scalar(source)


def own_dim(value: SSAValue, axis: int, hint: str) -> Scalar:
    """The size of an axis as the value itself has it, whatever produced it."""
    size = tensor.DimOp(value, constant(axis, IndexType()).value).result
    size.name_hint = hint
    return Scalar(size, key=Dim(value, axis))


def dims(value: SSAValue) -> tuple[Size, ...]:
    """The sizes of all axes of a tensor."""
    return tuple(dim(value, axis) for axis in range(len(shape_of(value))))


def as_size(value: SSAValue) -> Size:
    """An index value as a size: an int if it is a literal, and known to equal the axis that it measures."""
    source = size_source(value)
    return source if isinstance(source, int) else Scalar(value, key=source)


def dim_source(value: SSAValue, axis: int) -> Source:
    """Where the size of an axis comes from."""
    size = shape_of(value)[axis]
    if size != DYNAMIC_INDEX:
        return size
    if isinstance(value, BlockArgument):
        return _argument_dim(value, axis)
    assert isinstance(value, OpResult)
    if isinstance(value.op, CallOp):
        return _returned_dim(value.op, value, axis)
    like = _shaped_like(value, axis)
    return _result_dim(value, axis) if like is None else dim_source(*like)


def size_source(value: SSAValue) -> Source:
    """Where an index value comes from: the value itself unless it is a literal or the size of an axis."""
    match value.owner:
        case arith.ConstantOp(value=IntegerAttr(value=number)):
            return number.data
        case tensor.DimOp(source=source, index=index) if isinstance(axis := size_source(index), int):
            return dim_source(source, axis)
        case _:
            return value


def _argument_dim(argument: BlockArgument, axis: int) -> Source:
    """The first axis of an argument with the same declared name; a loop-carried value keeps its sizes."""
    loop = argument.block.parent_op()
    if isinstance(loop, scf.ForOp):
        return dim_source(loop.iter_args[argument.index - 1], axis)
    return Dim(*first_of_same_size(argument, axis))


def _shaped_like(result: OpResult, axis: int) -> tuple[SSAValue, int] | None:
    """The operand, and its axis, that has the size of an axis by the definition of the operation."""
    match result.op:
        case SplitOp(x=x):
            return (x, axis) if axis < 2 else None
        case RlxOperation():
            return operand_dimension_like(result, axis)
        case op if op.name.startswith(("arith.", "math.")):
            return op.operands[-1], axis
        case _:
            return None


def _result_dim(result: OpResult, axis: int) -> Source:
    match result.op:
        case tensor.EmptyOp() as op:
            return size_source(op.dynamic_sizes[shape_of(result)[:axis].count(DYNAMIC_INDEX)])
        case tensor.ExtractSliceOp() as op if len(op.static_sizes) == len(shape_of(result)):
            return _listed_size(op.static_sizes, op.sizes, axis)
        case tensor.ExpandShapeOp() as op:
            return _listed_size(op.static_output_shape, op.dynamic_output_shape, axis)
        case tensor.CollapseShapeOp(reassociation=groups, src=source) if len(groups.data[axis]) == 1:
            return dim_source(source, groups.data[axis].data[0].value.data)
        case tensor.InsertSliceOp(dest=source) | tensor.CastOp(source=source):
            return dim_source(source, axis)
        case tensor.ConcatOp() as op if axis != op.dim.value.data:
            return dim_source(op.inputs[0], axis)
        case BroadcastOp(init=init):
            return dim_source(init, axis)
        case LinalgStructuredOperation() | KernelOperation() as op:
            return dim_source(op.outputs[result.index], axis)
        case scf.ForOp() as op:
            return dim_source(op.iter_args[result.index], axis)
        case _:
            return Dim(result, axis)


def _returned_dim(call: CallOp, result: OpResult, axis: int) -> Source:
    """The size that the called function gives to a result, if that follows from its arguments."""
    function = SymbolTable.lookup_symbol(call, call.callee)
    last = function.body.blocks[-1].last_op if isinstance(function, FuncOp) and function.body.blocks else None
    source = dim_source(last.operands[result.index], axis) if isinstance(last, ReturnOp) else None
    match source:
        case int():
            return source
        case Dim(value=BlockArgument() as argument, axis=other) if argument.block.parent_op() is function:
            return dim_source(call.arguments[argument.index], other)
        case BlockArgument() as argument if argument.block.parent_op() is function:
            return size_source(call.arguments[argument.index])
        case _:
            return Dim(result, axis)


def _listed_size(static: DenseArrayBase[I64], dynamic: Sequence[SSAValue], axis: int) -> Source:
    """An entry of a list of sizes that is split into static and dynamic ones."""
    sizes = static.get_values()
    if sizes[axis] != DYNAMIC_INDEX:
        return sizes[axis]
    return size_source(dynamic[sizes[:axis].count(DYNAMIC_INDEX)])


def _hint(source: Dim) -> str:
    """The declared name of a dimension, or one made from the value: `x_dim1`."""
    value, axis = source.value, source.axis
    name = dim_names(value).get(axis) if isinstance(value, BlockArgument) else None
    valid = name is not None and SSAValue.is_valid_name(name)
    return name if name is not None and valid else f"{value.name_hint or 'value'}_dim{axis}"
