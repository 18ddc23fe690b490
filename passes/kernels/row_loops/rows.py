"""Rows: what the outer loops of structured operations have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xdsl.dialects import arith, memref
from xdsl.dialects.builtin import DYNAMIC_INDEX, ArrayAttr, IntegerAttr, StringAttr
from xdsl.dialects.linalg.abstract_ops import LinalgStructuredOperation
from xdsl.dialects.linalg.attrs import IteratorTypeAttr
from xdsl.ir import BlockArgument, Operation, SSAValue
from xdsl.ir.affine import AffineExpr
from xdsl.utils.hints import isa

from rlxc.passes.arguments import argument_attributes
from rlxc.passes.attribute_names import DIMS
from rlxc.passes.kernels.row_loops.accesses import Access
from rlxc.passes.lowering.bufferization.layouts import axes_of, kept_axes, memref_type
from rlxc.passes.lowering.to_loops.bounds import Bound


def parallel_loops(op: LinalgStructuredOperation) -> int:
    """How many of the outer loops have iterations that do not depend on each other."""
    kinds = op.get_iterator_types().data
    parallel = IteratorTypeAttr.parallel()
    return next((depth for depth, kind in enumerate(kinds) if kind != parallel), len(kinds))


def size_key(bound: Bound) -> object:
    """What equal sizes have in common: a number, the name of a dimension, or the value."""
    if isinstance(bound, int):
        return bound
    match bound.owner:
        case memref.DimOp(source=source, index=SSAValue(owner=arith.ConstantOp(value=IntegerAttr(value=axis)))):
            return _dim_name(source, axis.data) or bound
        case _:
            return bound


def _dim_name(source: SSAValue, axis: int) -> str | None:
    """The name that `rlx.dims` gives to a dynamic axis of an argument."""
    names = argument_attributes(source).get(DIMS) if isinstance(source, BlockArgument) else None
    position = memref_type(source).get_shape()[:axis].count(DYNAMIC_INDEX)
    if not isa(names, ArrayAttr[StringAttr]) or position >= len(names):
        return None
    return names.data[position].data


@dataclass(frozen=True)
class RowAccess:
    """An access of which each row reaches one part of an array: that at the index of the row on some axes of it."""

    array: SSAValue
    axes: tuple[int, ...]

    @staticmethod
    def of(access: Access, depth: int) -> RowAccess | None:
        """How rows, of which the outer `depth` loops make one each, reach an array; None if they may share elements.

        The array is the buffer itself, or what it is a view of if the rows are the same there.
        """
        if access.indexing is None:
            return None
        results = access.indexing.results
        axes = [_only_axis(results, loop) for loop in range(depth)]
        if None in axes:
            return None
        array, found = access.buffer, [axis for axis in axes if axis is not None]
        while isinstance(view := array.owner, Operation) and (outer := _in_source(view, found)) is not None:
            array, found = view.operands[0], outer
        return RowAccess(array, tuple(found))


def _only_axis(results: Sequence[AffineExpr], loop: int) -> int | None:
    """The axis that a loop alone indexes, and that it indexes alone."""
    axes = [axis for axis, result in enumerate(results) if loop in result.used_dims()]
    return axes[0] if len(axes) == 1 and results[axes[0]] == AffineExpr.dimension(loop) else None


def _in_source(view: Operation, axes: Sequence[int]) -> list[int] | None:
    """The axes of what is viewed that have the same indices as these axes of the view."""
    match view:
        case memref.CastOp():
            return list(axes)
        case memref.SubviewOp() as op:
            return _in_sliced(op, axes)
        case memref.ExpandShapeOp(reassociation=groups):
            sources = {group[0]: source for source, group in enumerate(axes_of(groups)) if len(group) == 1}
        case memref.CollapseShapeOp(reassociation=groups):
            sources = {axis: group[0] for axis, group in enumerate(axes_of(groups)) if len(group) == 1}
        case _:
            return None
    return [sources[axis] for axis in axes] if sources.keys() >= set(axes) else None


def _in_sliced(op: memref.SubviewOp, axes: Sequence[int]) -> list[int] | None:
    kept = kept_axes(op.static_sizes.get_values(), memref_type(op.result).get_shape())
    offsets, strides = op.static_offsets.get_values(), op.static_strides.get_values()
    found = [kept[axis] for axis in axes]
    return found if all(offsets[axis] == 0 and strides[axis] == 1 for axis in found) else None
