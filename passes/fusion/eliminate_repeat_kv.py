"""`rlx-eliminate-repeat-kv`: attention reads each key/value head where it is, instead of a copy per query head."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import IntegerAttr, ModuleOp, i64
from xdsl.ir import SSAValue
from xdsl.passes import ModulePass

from rlxc.dialects.rlx import AttentionOp, RepeatKvOp, RopeOp
from rlxc.dialects.rlx.base import int_of
from rlxc.passes.fusion.support.rebuild import rebuilt
from rlxc.passes.fusion.support.rules import Guard, Missed, Rewrite, Rule, Verdict, apply_rules, first_reason
from rlxc.passes.fusion.support.sizes import bytes_text


@dataclass(frozen=True)
class EliminateRepeatKvPass(ModulePass):
    """Attention over repeated heads -> grouped attention over the heads themselves.

    ```mlir
    %kk = rlx.repeat_kv %k {head_dim = 16, group = 4}
    %vv = rlx.repeat_kv %v {head_dim = 16, group = 4}
    %o = rlx.attention %q, %kk, %vv {num_heads = 8, num_kv_heads = 8, head_dim = 16}
    ```
    ->
    ```mlir
    %o = rlx.attention %q, %k, %v {num_heads = 8, num_kv_heads = 2, head_dim = 16}
    ```

    Preconditions: K and V are both repeated, with one group size, by heads of the attention's
    `head_dim`. Rope, `k_gain`, masks and biases of the attention stay as they are: they treat
    all key/value heads alike, so they commute with copying heads. Other users of a repeated
    value keep it, at no cost: the attention does not need it any more, and nothing is computed
    twice.
    """

    name = "rlx-eliminate-repeat-kv"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        apply_rules(self.name, op, [Rule(AttentionOp, _judge)])


@dataclass(frozen=True)
class _Repeated:
    attention: AttentionOp
    k: RepeatKvOp
    v: RepeatKvOp

    @property
    def kv_heads(self) -> int:
        return int_of(self.attention.num_kv_heads)

    @property
    def group(self) -> int:
        return int_of(self.k.group)


def _judge(op: AttentionOp) -> Verdict:
    k, v = op.k.owner, op.v.owner
    if not isinstance(k, RepeatKvOp) or not isinstance(v, RepeatKvOp):
        return _judge_single(op)
    candidate = _Repeated(op, k, v)
    reason = first_reason(_GUARDS, candidate)
    return _grouped(candidate) if reason is None else Missed(reason)


def _judge_single(op: AttentionOp) -> Verdict:
    """K and V are not both repeated directly."""
    if any(_is_rotated_repeat(value) for value in (op.k, op.v)):
        return Missed("a rotation stands between repeat_kv and the attention; run rlx-fuse-rope-into-attention first")
    for repeated, other in (("K", "V"), ("V", "K")):
        if isinstance((op.k if repeated == "K" else op.v).owner, RepeatKvOp):
            return Missed(f"only {repeated} is repeated: {other} has a head of its own for each query head")
    return None


def _is_rotated_repeat(value: SSAValue) -> bool:
    return isinstance(value.owner, RopeOp) and isinstance(value.owner.x.owner, RepeatKvOp)


def _head_dim_matches(candidate: _Repeated) -> str | None:
    head_dim = int_of(candidate.attention.head_dim)
    for name, repeat in (("K", candidate.k), ("V", candidate.v)):
        repeated = int_of(repeat.head_dim)
        if repeated != head_dim:
            return f"{name} repeats heads of head_dim = {repeated}, but the attention has head_dim = {head_dim}"
    return None


def _groups_match(candidate: _Repeated) -> str | None:
    k, v = int_of(candidate.k.group), int_of(candidate.v.group)
    return None if k == v else f"K is repeated for groups of {k}, V for groups of {v}"


_GUARDS: tuple[Guard[_Repeated], ...] = (_head_dim_matches, _groups_match)


def _grouped(candidate: _Repeated) -> Rewrite:
    op, k, v = candidate.attention, candidate.k, candidate.v
    kv_heads = candidate.kv_heads // candidate.group
    operands, properties = {"k": k.x, "v": v.x}, {"num_kv_heads": IntegerAttr(kv_heads, i64)}
    copies = bytes_text(list({k.result, v.result}))
    return Rewrite(
        f"num_kv_heads = {kv_heads} instead of {candidate.kv_heads}; {copies} of copies are not made",
        lambda rewriter: rewriter.replace(op, rebuilt(op, operands, properties)),
    )
