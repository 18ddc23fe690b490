"""Mixtures of experts."""

from __future__ import annotations

from xdsl.builder import ImplicitBuilder
from xdsl.dialects import scf
from xdsl.dialects.builtin import IndexType
from xdsl.ir import Block, SSAValue
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern

from rlxc.dialects.rlx import MoeOp, RouteOp
from rlxc.dialects.rlx.base import int_of, shape_of
from rlxc.passes.lowering.dims import dims
from rlxc.passes.lowering.scalars import Scalar, as_value, constant, equal_floats, exceeds, exp, select
from rlxc.passes.lowering.to_linalg.checks import check_shared_dims
from rlxc.passes.lowering.to_linalg.emit import emit_before
from rlxc.passes.lowering.to_linalg.pointwise import glu
from rlxc.passes.lowering.to_linalg.structured import (
    contract,
    element_type_of,
    filled,
    index,
    pointwise,
    reduce_max,
    reduce_sum,
    sum_over_pairs,
    update,
)
from rlxc.passes.lowering.to_linalg.views import part

EXPERTS = (RouteOp, MoeOp)
"""What a mixture of experts consists of."""

_EXPERT, _OTHER = 2, 3
"""The loops of an expert and of the one that it is compared with: `[b, s, e, f]`."""


def check_experts(op: RouteOp | MoeOp) -> None:
    """Put the checks of an operation before it, which stays."""
    with emit_before(op, PatternRewriter(op)):
        check_shared_dims(op)


class RouteToLinalg(RewritePattern):
    """route -> the terms of a softmax, those kept that fewer than `top_k` others come before, and their sum."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: RouteOp, rewriter: PatternRewriter) -> None:
        with emit_before(op, rewriter):
            row_max = reduce_max("bse->bs", op.logits, hint="row_max")
            weights = pointwise(
                "bse,bs->bse", lambda logit, row_max: exp(logit - row_max), op.logits, row_max, hint="weights"
            )
            kept = _kept(weights, _rank(op.logits), int_of(op.top_k))
            total = reduce_sum(
                "bse->bs", lambda weight: weight, weights if op.renormalize is None else kept, hint="total"
            )
            gates = pointwise("bse,bs->bse", lambda weight, total: weight / total, kept, total, hint="shares")
            if op.expert_scale is not None:
                gates = pointwise("bse,e->bse", lambda gate, scale: gate * scale, gates, op.expert_scale)
        rewriter.replace(op, (), (gates,))


def _rank(logits: SSAValue) -> SSAValue:
    """How many experts come before each: those with a larger logit, and the earlier ones with an equal one."""

    def comes_before(own: Scalar, other: Scalar) -> Scalar:
        earlier = index(_OTHER).is_below(index(_EXPERT))
        before = select(earlier, exceeds(other, own, or_equal=True), exceeds(other, own))
        return select(before, own.like(1.0), 0.0)

    return sum_over_pairs("bse,bsf->bse", comes_before, logits, logits, loops="bsef", hint="rank")


def _kept(weights: SSAValue, rank: SSAValue, top_k: int) -> SSAValue:
    """The weights of the experts of the first ranks, 0 elsewhere."""
    return pointwise(
        "bse,bse->bse",
        lambda weight, rank: select(exceeds(rank.like(float(top_k)), rank), weight, 0.0),
        weights,
        rank,
        hint="kept",
    )


class MoeToLinalg(RewritePattern):
    """moe -> a loop over the experts, each for all tokens: right for any gates, and short for many experts."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: MoeOp, rewriter: PatternRewriter) -> None:
        with emit_before(op, rewriter):
            check_shared_dims(op)
            zeros = filled(dims(op.x), constant(0.0, element_type_of(op.x)))
            lower, upper, step = (as_value(number) for number in (0, op.num_experts, 1))
            body = Block(arg_types=[IndexType(), zeros.type])
            body.args[0].name_hint, body.args[1].name_hint = "expert", "partial"
            with ImplicitBuilder(body) as (expert, partial):
                scf.YieldOp(_plus_expert(op, Scalar(expert), partial))
            result = scf.ForOp(lower, upper, step, [zeros], body).res[0]
        rewriter.replace(op, (), (result,))


def _plus_expert(op: MoeOp, expert: Scalar, partial: SSAValue) -> SSAValue:
    """`partial` and what one expert adds to it."""
    width, features = op.width, shape_of(op.x)[2]
    gate_up_weight = part(op.gate_up, {1: (expert * (2 * width), 2 * width)}, hint="gate_up_weight")
    down_weight = part(op.down, {1: (expert * features, features)}, hint="down_weight")
    gate_up = contract("bsk,kn->bsn", op.x, gate_up_weight, loops="bskn", hint="gate_up")
    gate, up = (part(gate_up, {2: (n * width, width)}, hint=name) for n, name in enumerate(("gate", "up")))
    out = contract("bsk,kn->bsn", glu(gate, up, op.activation.data), down_weight, loops="bskn", hint="out")
    chosen = part(op.gates, {2: (expert, 1)}, hint="expert_gates")

    def add(out: Scalar, gate: Scalar, partial: Scalar) -> Scalar:
        return partial + gate * select(equal_floats(gate, 0.0), out.like(0.0), out)

    return update("bsn,bs1->bsn", add, out, chosen, into=partial, hint="partial")
