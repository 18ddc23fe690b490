"""K is the weighted norm of what V is the weightless norm of: `k_gain` applies the weight."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.ir import Operation, SSAValue

from rlxc.dialects.rlx import AttentionOp, RepeatKvOp, RmsNormOp, RopeOp
from rlxc.dialects.rlx.base import int_of, shape_of
from rlxc.passes.fusion.support.rebuild import rebuilt, used_only_by
from rlxc.passes.fusion.support.rules import Guard, Missed, Rewrite, Verdict, first_reason
from rlxc.passes.fusion.support.sizes import bytes_text

_REMEDY: dict[type[Operation], str] = {
    RopeOp: "rlx-fuse-rope-into-attention",
    RepeatKvOp: "rlx-eliminate-repeat-kv",
}
"""What may stand between a norm and the attention, and the pass that takes it away."""


def judge_norms(op: AttentionOp) -> Verdict:
    """K and V are two norms of one value."""
    k, v = _norm_behind(op.k), _norm_behind(op.v)
    if k is None or v is None or k is v or k.x is not v.x:
        return None
    candidate = _Norms(op, k, v)
    reason = first_reason(_GUARDS, candidate)
    return _gained(candidate) if reason is None else Missed(reason)


@dataclass(frozen=True)
class _Norms:
    attention: AttentionOp
    k: RmsNormOp
    v: RmsNormOp


def _norm_behind(value: SSAValue) -> RmsNormOp | None:
    match value.owner:
        case RmsNormOp() as norm:
            return norm
        case RopeOp(x=x) | RepeatKvOp(x=x):
            return _norm_behind(x)
        case _:
            return None


def _nothing_between(candidate: _Norms) -> str | None:
    for name, value in (("K", candidate.attention.k), ("V", candidate.attention.v)):
        if isinstance(op := value.owner, RopeOp | RepeatKvOp):
            return f"{op.name} stands between the norm of {name} and the attention; run {_REMEDY[type(op)]} first"
    return None


def _v_has_no_weight(candidate: _Norms) -> str | None:
    return None if candidate.v.gamma is None else "the norm of V has a weight, which k_gain would not apply to V"


def _k_has_weight(candidate: _Norms) -> str | None:
    return None if candidate.k.gamma is not None else "the norms of K and V differ, but not by a weight of K"


def _eps_matches(candidate: _Norms) -> str | None:
    k, v = candidate.k.eps.value.data, candidate.v.eps.value.data
    return None if k == v else f"the norm of K has eps = {k}, that of V {v}"


def _has_no_offset(candidate: _Norms) -> str | None:
    offset = candidate.k.offset.value.data
    return None if offset == 0 else f"the norm of K has offset = {offset}, and k_gain has none"


def _is_per_head(candidate: _Norms) -> str | None:
    head_dim = int_of(candidate.attention.head_dim)
    for name, norm in (("K", candidate.k), ("V", candidate.v)):
        width = shape_of(norm.x)[-1] if norm.head_dim is None else int_of(norm.head_dim)
        if width != head_dim:
            return f"{name} is normalised over {width} features, but the attention has head_dim = {head_dim}"
    return None


def _has_no_gain(candidate: _Norms) -> str | None:
    return None if candidate.attention.k_gain is None else "the attention has a k_gain already"


def _nothing_else_reads(candidate: _Norms) -> str | None:
    alone = used_only_by(candidate.k.result, candidate.attention)
    return None if alone else "the weighted norm of K has another user: the weight would be applied twice"


_GUARDS: tuple[Guard[_Norms], ...] = (
    _nothing_between,
    _v_has_no_weight,
    _k_has_weight,
    _eps_matches,
    _has_no_offset,
    _is_per_head,
    _has_no_gain,
    _nothing_else_reads,
)


def _gained(candidate: _Norms) -> Rewrite:
    op, k, v = candidate.attention, candidate.k, candidate.v
    return Rewrite(
        f"K is V times k_gain: one norm less, and {bytes_text([k.result])} of K need not be kept beside V",
        lambda rewriter: rewriter.replace(op, rebuilt(op, {"k": v.result, "k_gain": k.gamma})),
    )
