"""Residual adds on their own."""

from __future__ import annotations

from xdsl.dialects import arith
from xdsl.pattern_rewriter import PatternRewriter

from rlxc.dialects.rlx import AddRmsNormOp, MatmulOp, RmsNormOp
from rlxc.passes.fusion.support.rebuild import rebuilt, replace_located
from rlxc.passes.fusion.support.rules import Rewrite, Verdict


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
