"""`rlx-fuse-rope-into-attention`: queries and keys are rotated while attention reads them."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import SSAValue
from xdsl.passes import ModulePass

from rlxc.dialects.rlx import AttentionOp, KvAppendOp, RepeatKvOp, RopeOp, RopeStyle
from rlxc.dialects.rlx.base import int_of
from rlxc.passes.fusion.support.rebuild import rebuilt, used_only_by
from rlxc.passes.fusion.support.rope_positions import key_position_obstacle, query_position_obstacle
from rlxc.passes.fusion.support.rules import Guard, Missed, Rewrite, Rule, Verdict, apply_rules, first_reason
from rlxc.passes.fusion.support.sizes import bytes_text


@dataclass(frozen=True)
class FuseRopeIntoAttentionPass(ModulePass):
    """Attention of rotated queries and keys -> attention that rotates them itself.

    ```mlir
    %qr = rlx.rope %q, %cos, %sin {head_dim = 16, n_rot = 16}
    %kr = rlx.rope %k, %cos, %sin {head_dim = 16, n_rot = 16}
    %o = rlx.attention %qr, %kr, %v {num_heads = 4, num_kv_heads = 2, head_dim = 16}
    ```
    ->
    ```mlir
    %o = rlx.attention %q, %k, %v rope(%cos, %sin)
           {num_heads = 4, num_kv_heads = 2, head_dim = 16, n_rot = 16}
    ```

    Preconditions:

    - both rotations use the same tables (SSA values), `n_rot`, style, and the attention's `head_dim`;
    - nothing else reads a rotated value, it is not returned, and V is not the rotated K: the
      rotation would be computed once more;
    - the rotations are those that the attention would do: keys are rotated from position 0,
      queries from the attention's `query_offset`, or its default: number of valid keys - q_len,
      which is 0 only if queries and keys are provably equally many;
    - the attention has no rope yet, and no `k_gain`, which is applied before its rotation.
    """

    name = "rlx-fuse-rope-into-attention"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        apply_rules(self.name, op, [Rule(AttentionOp, _judge)])


@dataclass(frozen=True)
class _Rotated:
    attention: AttentionOp
    q: RopeOp
    k: RopeOp


def _judge(op: AttentionOp) -> Verdict:
    q, k = op.q.owner, op.k.owner
    if not isinstance(q, RopeOp) or not isinstance(k, RopeOp):
        return _judge_single(op)
    candidate = _Rotated(op, q, k)
    reason = first_reason(_GUARDS, candidate)
    return _rotating(candidate) if reason is None else Missed(reason)


def _judge_single(op: AttentionOp) -> Verdict:
    """Q and K are not both rotated directly."""
    if any(_is_repeated_rope(value) for value in (op.q, op.k)):
        return Missed("repeat_kv stands between the rotation and the attention; run rlx-eliminate-repeat-kv first")
    if isinstance(op.k.owner, RopeOp):
        return Missed("only K is rotated")
    if not isinstance(op.q.owner, RopeOp):
        return None
    if isinstance(op.k.owner, KvAppendOp):
        return Missed("only Q is rotated: K comes from a cache, which keeps keys as they were rotated")
    return Missed("only Q is rotated")


def _is_repeated_rope(value: SSAValue) -> bool:
    return isinstance(value.owner, RepeatKvOp) and isinstance(value.owner.x.owner, RopeOp)


def _is_not_rotated_yet(candidate: _Rotated) -> str | None:
    return None if candidate.attention.cos is None else "the attention rotates Q and K already"


def _has_no_gain(candidate: _Rotated) -> str | None:
    gain = candidate.attention.k_gain
    return None if gain is None else "k_gain multiplies the rotated K; fused, it would come before the rotation"


def _tables_match(candidate: _Rotated) -> str | None:
    q, k = candidate.q, candidate.k
    return None if (q.cos, q.sin) == (k.cos, k.sin) else "Q and K are rotated by different tables"


def _n_rot_matches(candidate: _Rotated) -> str | None:
    q, k = int_of(candidate.q.n_rot), int_of(candidate.k.n_rot)
    return None if q == k else f"Q is rotated with n_rot = {q}, K with n_rot = {k}"


def _style_matches(candidate: _Rotated) -> str | None:
    q, k = candidate.q.style.data.value, candidate.k.style.data.value
    return None if q == k else f"Q is rotated in style {q}, K in style {k}"


def _head_dim_matches(candidate: _Rotated) -> str | None:
    head_dim = int_of(candidate.attention.head_dim)
    for name, rope in (("Q", candidate.q), ("K", candidate.k)):
        rotated = int_of(rope.head_dim)
        if rotated != head_dim:
            return f"{name} is rotated with head_dim = {rotated}, but the attention has head_dim = {head_dim}"
    return None


def _v_is_not_rotated(candidate: _Rotated) -> str | None:
    for name, rope in (("Q", candidate.q), ("K", candidate.k)):
        if candidate.attention.v is rope.result:
            return f"V is the rotated {name}, which would have to be rotated once more"
    return None


def _nothing_else_reads(candidate: _Rotated) -> str | None:
    for name, rope in (("Q", candidate.q), ("K", candidate.k)):
        if not used_only_by(rope.result, candidate.attention):
            return f"the rotated {name} has another user: it would be rotated twice"
    return None


def _keys_start_at_zero(candidate: _Rotated) -> str | None:
    return key_position_obstacle(candidate.k.position)


def _queries_start_at_offset(candidate: _Rotated) -> str | None:
    return query_position_obstacle(candidate.q.position, candidate.attention)


_GUARDS: tuple[Guard[_Rotated], ...] = (
    _is_not_rotated_yet,
    _has_no_gain,
    _n_rot_matches,
    _style_matches,
    _head_dim_matches,
    _tables_match,
    _v_is_not_rotated,
    _nothing_else_reads,
    _keys_start_at_zero,
    _queries_start_at_offset,
)


def _rotating(candidate: _Rotated) -> Rewrite:
    op, q, k = candidate.attention, candidate.q, candidate.k
    operands = {"q": q.x, "k": k.x, "cos": q.cos, "sin": q.sin}
    properties = {"n_rot": q.n_rot, "rope_style": None if q.style.data == RopeStyle.HALF else q.style}
    copies = bytes_text(list({q.result, k.result}))
    return Rewrite(
        f"rotates Q and K itself (n_rot = {int_of(q.n_rot)}, {q.style.data.value}); "
        f"{copies} of rotated copies are not made",
        lambda rewriter: rewriter.replace(op, rebuilt(op, operands, properties)),
    )
