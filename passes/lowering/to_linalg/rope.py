"""Rotary position embedding."""

from __future__ import annotations

from xdsl.ir import SSAValue
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern

from rlxc.dialects.rlx import RopeOp, RopeStyle
from rlxc.dialects.rlx.base import int_of, shape_of
from rlxc.dialects.rlx.rope import tables_hold
from rlxc.passes.lowering.dims import as_size, dim, dims
from rlxc.passes.lowering.scalars import Size
from rlxc.passes.lowering.to_linalg.checks import check, check_shared_dims
from rlxc.passes.lowering.to_linalg.emit import emit_before
from rlxc.passes.lowering.to_linalg.structured import Body, element_type_of, empty, pointwise
from rlxc.passes.lowering.to_linalg.views import Range, collapse, expand, insert, part


class RopeToLinalg(RewritePattern):
    """rope -> heads apart, both components of each pair rotated and written back, heads packed."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: RopeOp, rewriter: PatternRewriter) -> None:
        head_dim, n_rot = int_of(op.head_dim), int_of(op.n_rot)
        with emit_before(op, rewriter):
            check_shared_dims(op)
            position: Size = 0 if op.position is None else as_size(op.position)
            seq = dim(op.x, 1)
            check(op, position >= 0, "position is negative")
            check(op, position + seq <= dim(op.cos, 0), f"x has more positions than {tables_hold(op.cos)}")
            heads = expand(op.x, 2, shape_of(op.x)[2] // head_dim, head_dim)
            cos, sin = (table_rows(table, position, seq) for table in (op.cos, op.sin))
            result = collapse(rotate(heads, cos, sin, n_rot=n_rot, style=op.style.data), 2, 2)
        rewriter.replace(op, (), (result,))


def rotate(heads: SSAValue, cos: SSAValue, sin: SSAValue, *, n_rot: int, style: RopeStyle) -> SSAValue:
    """`heads` `[B, S, H, head_dim]` with each pair of components rotated by its angle `[S, n_rot/2]`."""
    half = n_rot // 2
    stride = {3: 1 if style == RopeStyle.HALF else 2}
    ranges: tuple[Range, Range] = ((0, half), (half if style == RopeStyle.HALF else 1, half))
    a, b = (part(heads, {3: range_}, strides=stride, hint=hint) for range_, hint in zip(ranges, "ab", strict=True))
    new_a = _rotated(lambda a, b, cos, sin: a * cos - b * sin, a, b, cos, sin)
    new_b = _rotated(lambda a, b, cos, sin: b * cos + a * sin, a, b, cos, sin)
    return _with_components(heads, (new_a, new_b), ranges, stride)


def _rotated(body: Body, a: SSAValue, b: SSAValue, cos: SSAValue, sin: SSAValue) -> SSAValue:
    return pointwise("bshr,bshr,sr,sr->bshr", body, a, b, cos, sin, hint="rotated")


def _with_components(
    heads: SSAValue, components: tuple[SSAValue, SSAValue], ranges: tuple[Range, Range], stride: dict[int, int]
) -> SSAValue:
    """`heads` with both components of all pairs replaced."""
    all_rotate = sum(shape_of(component)[3] for component in components) == shape_of(heads)[3]
    result = empty(dims(heads), element_type_of(heads)) if all_rotate else heads
    for component, (offset, _) in zip(components, ranges, strict=True):
        result = insert(component, result, {3: offset}, strides=stride)
    return result


def table_rows(table: SSAValue, position: Size, count: Size) -> SSAValue:
    """The rows of a rope table from `position` on."""
    return part(table, {0: (position, count)}, hint=table.name_hint)
