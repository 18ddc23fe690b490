"""V is projected by the weight of K: one projection serves both."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.ir import SSAValue
from xdsl.pattern_rewriter import PatternRewriter

from rlxc.dialects.rlx import AttentionOp, MatmulOp, RepeatKvOp, RmsNormOp, RopeOp
from rlxc.passes.fusion.support.rebuild import fused_location
from rlxc.passes.fusion.support.rules import Guard, Missed, Rewrite, Verdict, first_reason
from rlxc.passes.fusion.support.weights import weight_difference, weight_name


def judge_projections(op: AttentionOp) -> Verdict:
    """K and V are projected by two matmuls."""
    k, v = _projection_behind(op.k), _projection_behind(op.v)
    if k is None or v is None or k is v:
        return None
    candidate = _Projections(k, v)
    reason = first_reason(_GUARDS, candidate)
    return _shared(candidate) if reason is None else Missed(reason)


@dataclass(frozen=True)
class _Projections:
    k: MatmulOp
    v: MatmulOp


def _projection_behind(value: SSAValue) -> MatmulOp | None:
    """The matmul that makes the heads of `value`, through what is done to each head."""
    match value.owner:
        case MatmulOp() as projection:
            return projection
        case RopeOp(x=x) | RepeatKvOp(x=x) | RmsNormOp(x=x):
            return _projection_behind(x)
        case _:
            return None


def _input_matches(candidate: _Projections) -> str | None:
    return None if candidate.k.x is candidate.v.x else "K and V are projections of different inputs"


def _weight_matches(candidate: _Projections) -> str | None:
    difference = weight_difference(candidate.k.weight, candidate.v.weight)
    return None if difference is None else f"V is not K: they are projected by {difference}"


def _bias_matches(candidate: _Projections) -> str | None:
    k, v = candidate.k.bias, candidate.v.bias
    if k is None or v is None:
        return None if k is v else f"only {'V' if k is None else 'K'} has a bias"
    difference = weight_difference(k, v)
    return None if difference is None else f"V is not K: their biases are {difference}"


def _epilogue_matches(candidate: _Projections) -> str | None:
    k, v = candidate.k, candidate.v
    if k.activation != v.activation:
        return "the projections of K and V have different activations"
    return None if k.residual is v.residual else "the projections of K and V have different residuals"


def _block_matches(candidate: _Projections) -> str | None:
    same = candidate.k.parent is candidate.v.parent
    return None if same else "the projections of K and V stand in different blocks"


_GUARDS: tuple[Guard[_Projections], ...] = (
    _input_matches,
    _weight_matches,
    _bias_matches,
    _epilogue_matches,
    _block_matches,
)


def _shared(candidate: _Projections) -> Rewrite:
    k, v = candidate.k, candidate.v
    kept, dropped = (k, v) if k.is_before_in_block(v) else (v, k)
    kept_location = fused_location([k, v])

    def apply(rewriter: PatternRewriter) -> None:
        kept.location = kept_location
        rewriter.replace(dropped, (), [kept.result])

    return Rewrite(f"V is the projection of K by {weight_name(kept.weight)}: one matmul less", apply)
