"""How often each loop of a structured operation runs: the sizes of the memrefs that it indexes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from xdsl.dialects import arith, memref
from xdsl.dialects.builtin import DYNAMIC_INDEX, IntegerAttr
from xdsl.dialects.func import FuncOp
from xdsl.dialects.linalg.abstract_ops import LinalgStructuredOperation
from xdsl.ir import BlockArgument, SSAValue
from xdsl.ir.affine import AffineExpr
from xdsl.utils.exceptions import PassFailedException

from rlxc.passes.lowering.bufferization.layouts import axes_of, kept_axes, memref_type
from rlxc.passes.lowering.entry_values import EntryValues

Bound: TypeAlias = int | SSAValue
"""The size of an axis: known at compile time, or a value of type index."""


def loop_bounds(op: LinalgStructuredOperation, values: EntryValues) -> list[Bound]:
    """The number of iterations of each loop, outermost first."""
    return [_bound_of_loop(loop, op, values) for loop in range(op.get_num_loops())]


def is_symbol(bound: Bound) -> bool:
    """Whether `affine` takes a bound: it is known at compile time, or computed outside of all loops."""
    return isinstance(bound, int) or isinstance(bound.owner.parent_op(), FuncOp)


def _bound_of_loop(loop: int, op: LinalgStructuredOperation, values: EntryValues) -> Bound:
    """The size of an axis that the loop runs along; one known at compile time if there is any."""
    index = AffineExpr.dimension(loop)
    axes = [
        (operand, axis)
        for operand, indexing in zip(op.operands, op.get_indexing_maps(), strict=True)
        for axis, expression in enumerate(indexing.data.results)
        if expression == index
    ]
    if not axes:
        raise PassFailedException(f"loop {loop} of '{op.name}' runs along no axis of an operand")
    static = (memref_type(operand).get_shape()[axis] for operand, axis in axes)
    return next((size for size in static if size != DYNAMIC_INDEX), None) or size_of(*axes[0], values)


def size_of(buffer: SSAValue, axis: int, values: EntryValues) -> Bound:
    """The size of an axis of a memref, as the value that it was made with."""
    size = memref_type(buffer).get_shape()[axis]
    if size != DYNAMIC_INDEX:
        return size
    if isinstance(buffer, BlockArgument):
        return values.dim(buffer, axis)
    return _size_of_result(buffer, axis, values)


def _size_of_result(buffer: SSAValue, axis: int, values: EntryValues) -> Bound:
    dynamic_axis = memref_type(buffer).get_shape()[:axis].count(DYNAMIC_INDEX)
    match buffer.owner:
        case memref.AllocOp(dynamic_sizes=sizes) | memref.ViewOp(sizes=sizes):
            return _literal(sizes[dynamic_axis])
        case memref.ExpandShapeOp(output_shape=sizes):
            return _literal(sizes[dynamic_axis])
        case memref.SubviewOp() as op:
            return _listed(op.static_sizes.get_values(), op.sizes, axis, memref_type(buffer).get_shape())
        case memref.CollapseShapeOp(src=source, reassociation=groups) if len(axes_of(groups)[axis]) == 1:
            return size_of(source, axes_of(groups)[axis][0], values)
        case memref.CastOp(source=source):
            return size_of(source, axis, values)
        case _:
            return memref.DimOp(buffer, values.constant(axis)).result


def _listed(static: Sequence[int], dynamic: Sequence[SSAValue], axis: int, shape: Sequence[int]) -> Bound:
    """An entry of a list of sizes, by the axis of the result, which may have fewer axes."""
    position = kept_axes(static, shape)[axis]
    return _literal(dynamic[static[:position].count(DYNAMIC_INDEX)])


def _literal(size: SSAValue) -> Bound:
    """The number, if a size is one."""
    match size.owner:
        case arith.ConstantOp(value=IntegerAttr(value=number)):
            return number.data
        case _:
            return size
