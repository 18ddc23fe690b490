"""Attention without what it has absorbed: gain, rotation, grouped heads."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects import arith, tensor
from xdsl.dialects.builtin import IndexType, IntegerAttr
from xdsl.ir import Operation, SSAValue

from rlxc.dialects.rlx import AttentionOp, RepeatKvOp, RmsNormOp, RopeOp
from rlxc.dialects.rlx.base import int_of, shape_of
from rlxc.passes.fusion.support.rebuild import named, rebuilt, replace_located
from rlxc.passes.fusion.support.rules import Missed, Rewrite, Verdict
from rlxc.passes.fusion.support.sizes import axis_size, measured


def judge_gain(op: AttentionOp) -> Verdict:
    """`k_gain` on a weightless norm of each head is the weight of that norm."""
    gain, norm = op.k_gain, op.k.owner
    if gain is None:
        return None
    if not isinstance(norm, RmsNormOp) or norm.gamma is not None or not _is_per_head(norm, op):
        return Missed("K is not the weightless norm of each head, so k_gain is the weight of no norm")

    def weighted() -> list[Operation]:
        k = rebuilt(norm, {"gamma": gain})
        return [named(k, op.k.name_hint), rebuilt(op, {"k": k.result, "k_gain": None})]

    return Rewrite("k_gain is the weight of a norm of K", lambda rewriter: replace_located(rewriter, op, weighted()))


def judge_rope(op: AttentionOp) -> Verdict:
    """The rotation inside is a rotation of Q and one of K."""
    if op.cos is None:
        return None
    if op.k_gain is not None:
        return Missed("k_gain comes before the rotation, so the rotation cannot leave before it")
    return Rewrite(
        "Q and K are rotated before the attention",
        lambda rewriter: replace_located(rewriter, op, _with_ropes(op)),
    )


def judge_groups(op: AttentionOp) -> Verdict:
    """Grouped heads are copies of each head of K and V."""
    if op.group == 1:
        return None
    return Rewrite(
        f"each key/value head is copied for a group of {op.group}",
        lambda rewriter: replace_located(rewriter, op, _with_copies(op)),
    )


def _is_per_head(norm: RmsNormOp, op: AttentionOp) -> bool:
    width = shape_of(norm.x)[-1] if norm.head_dim is None else int_of(norm.head_dim)
    return width == int_of(op.head_dim)


def _with_ropes(op: AttentionOp) -> list[Operation]:
    offset_ops, offset = _query_offset(op)
    q, k = _rope(op, op.q, offset), _rope(op, op.k, None)
    operands = {"q": q.result, "k": k.result, "cos": None, "sin": None}
    plain = rebuilt(op, operands, {"n_rot": None, "rope_style": None})
    return [*offset_ops, q, k, plain]


def _rope(op: AttentionOp, x: SSAValue, position: SSAValue | None) -> RopeOp:
    """The rotation of `x` that the attention does."""
    assert op.cos is not None
    assert op.sin is not None
    assert op.n_rot is not None
    head_dim, n_rot = int_of(op.head_dim), int_of(op.n_rot)
    rope = RopeOp(x, op.cos, op.sin, head_dim=head_dim, n_rot=n_rot, style=op.style, position=position)
    return named(rope, x.name_hint)


def _query_offset(op: AttentionOp) -> tuple[Sequence[Operation], SSAValue | None]:
    """The position of the first query, and the operations that compute it; None for 0."""
    if op.query_offset is not None:
        return (), op.query_offset
    valid_keys = axis_size(op.k, 1) if op.kv_length is None else measured(op.kv_length)
    if valid_keys == axis_size(op.q, 1):
        return (), None
    axis = named(arith.ConstantOp(IntegerAttr(1, IndexType())), "seq_axis")
    q_len = named(tensor.DimOp(op.q, axis), "q_len")
    kv_len = [] if op.kv_length is not None else [named(tensor.DimOp(op.k, axis), "kv_len")]
    offset = named(arith.SubiOp(op.kv_length or kv_len[0], q_len), "query_offset")
    return (axis, q_len, *kv_len, offset), offset.result


def _with_copies(op: AttentionOp) -> list[Operation]:
    k = _copies(op, op.k)
    v = k if op.v is op.k else _copies(op, op.v)
    plain = rebuilt(op, {"k": k.result, "v": v.result}, {"num_kv_heads": op.num_heads})
    return [*dict.fromkeys((k, v)), plain]


def _copies(op: AttentionOp, x: SSAValue) -> RepeatKvOp:
    return named(RepeatKvOp(x, head_dim=int_of(op.head_dim), group=op.group), x.name_hint)
