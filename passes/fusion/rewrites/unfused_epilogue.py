"""Gates and residual adds on their own."""

from __future__ import annotations

from xdsl.dialects import arith
from xdsl.pattern_rewriter import PatternRewriter

from rlxc.dialects.rlx import AddRmsNormOp, GluMatmulOp, GluOp, MatmulOp, RmsNormOp, SplitOp
from rlxc.dialects.rlx.base import shape_of
from rlxc.passes.fusion.support.rebuild import named, rebuilt, replace_located
from rlxc.passes.fusion.support.rules import Rewrite, Verdict


def judge_glu(op: GluMatmulOp) -> Verdict:
    """Gate and up are projected, and then gated."""

    def apply(rewriter: PatternRewriter) -> None:
        product = named(MatmulOp(op.x, op.weight), "gate_up")
        split = SplitOp(product, [shape_of(op.result)[2]] * 2)
        gate, up = split.parts
        gate.name_hint, up.name_hint = "gate", "up"
        replace_located(rewriter, op, [product, split, GluOp(gate, up, op.activation.data)])

    return Rewrite("gate and up are projected, and then gated", apply)


def judge_residual(op: MatmulOp) -> Verdict:
    """A residual is added after the matmul."""
    residual = op.residual
    if residual is None:
        return None

    def apply(rewriter: PatternRewriter) -> None:
        projection = rebuilt(op, {"residual": None})
        replace_located(rewriter, op, [projection, arith.AddfOp(projection, residual)])

    return Rewrite("the residual is added after the matmul", apply)


def judge_add_rms_norm(op: AddRmsNormOp) -> Verdict:
    """A sum, and its norm."""

    def apply(rewriter: PatternRewriter) -> None:
        total = arith.AddfOp(op.x, op.residual)
        norm = RmsNormOp(total, op.gamma, eps=op.eps.value.data, offset=op.offset.value.data)
        replace_located(rewriter, op, [total, norm], [total.result, norm.result])

    return Rewrite("the sum and its norm are two operations", apply)
