"""Normalisations: a reduction of each row, then one pointwise operation."""

from __future__ import annotations

from xdsl.ir import SSAValue
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern

from rlxc.dialects.rlx import AddRmsNormOp, LayerNormOp, RmsNormOp
from rlxc.dialects.rlx.base import int_of, shape_of
from rlxc.passes.lowering.scalars import Scalar, sqrt
from rlxc.passes.lowering.to_linalg.checks import check_shared_dims
from rlxc.passes.lowering.to_linalg.emit import emit_before
from rlxc.passes.lowering.to_linalg.structured import pointwise, reduce_sum
from rlxc.passes.lowering.to_linalg.views import collapse, expand


class RmsNormToLinalg(RewritePattern):
    """rms_norm -> sum of squares, root of the mean, then x divided by it."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: RmsNormOp, rewriter: PatternRewriter) -> None:
        eps, offset = op.eps.value.data, op.offset.value.data
        with emit_before(op, rewriter):
            if op.head_dim is None:
                normed = rms_norm(op.x, op.gamma, eps=eps, offset=offset)
            else:
                head_dim = int_of(op.head_dim)
                heads = expand(op.x, 2, shape_of(op.x)[2] // head_dim, head_dim)
                normed = collapse(rms_norm(heads, op.gamma, eps=eps, offset=offset), 2, 2)
        rewriter.replace(op, (), (normed,))


class AddRmsNormToLinalg(RewritePattern):
    """add_rms_norm -> a pointwise sum and its norm."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: AddRmsNormOp, rewriter: PatternRewriter) -> None:
        with emit_before(op, rewriter):
            check_shared_dims(op)
            total = pointwise("bsn,bsn->bsn", lambda x, residual: x + residual, op.x, op.residual)
            total.name_hint = op.sum.name_hint or "sum"
            normed = rms_norm(total, op.gamma, eps=op.eps.value.data, offset=op.offset.value.data)
        rewriter.replace(op, (), (total, normed))


class LayerNormToLinalg(RewritePattern):
    """layer_norm -> the mean of each row, x without it, the deviation, then the quotient."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: LayerNormOp, rewriter: PatternRewriter) -> None:
        with emit_before(op, rewriter):
            total = reduce_sum("bsn->bs", lambda x: x, op.x, hint="row_sum")
            width = float(shape_of(op.x)[2])
            centred = pointwise("bsn,bs->bsn", lambda x, total: x - total / width, op.x, total, hint="centred")
            deviation = root_mean_square(centred, op.eps.value.data, hint="deviation")
            normed = _scaled(centred, deviation, op.gamma, op.beta)
        rewriter.replace(op, (), (normed,))


def rms_norm(x: SSAValue, gamma: SSAValue | None, *, eps: float, offset: float) -> SSAValue:
    """`x / sqrt(mean(x^2) + eps) * (offset + gamma)` over the last axis."""
    rows, root = _row_axes(x), root_mean_square(x, eps, hint="rms")
    if gamma is None:
        return pointwise(f"{rows}n,{rows}->{rows}n", lambda x, rms: x / rms, x, root)

    def body(x: Scalar, rms: Scalar, gamma: Scalar) -> Scalar:
        return x / rms * (gamma if offset == 0 else gamma + offset)

    return pointwise(f"{rows}n,{rows},n->{rows}n", body, x, root, gamma)


def root_mean_square(x: SSAValue, eps: float, *, hint: str) -> SSAValue:
    """`sqrt(mean(x^2) + eps)` of each row."""
    rows, width = _row_axes(x), float(shape_of(x)[-1])
    squares = reduce_sum(f"{rows}n->{rows}", lambda x: x * x, x, hint="sum_of_squares")
    return pointwise(f"{rows}->{rows}", lambda total: sqrt(total / width + eps), squares, hint=hint)


def _scaled(x: SSAValue, deviation: SSAValue, gamma: SSAValue, beta: SSAValue | None) -> SSAValue:
    """`x / deviation * gamma + beta`."""
    if beta is None:
        return pointwise("bsn,bs,n->bsn", lambda x, d, gamma: x / d * gamma, x, deviation, gamma)
    return pointwise("bsn,bs,n,n->bsn", lambda x, d, gamma, beta: x / d * gamma + beta, x, deviation, gamma, beta)


def _row_axes(x: SSAValue) -> str:
    """The loops over rows: batch and sequence, and the heads if they are apart."""
    return "bs" if len(shape_of(x)) == 3 else "bsh"
