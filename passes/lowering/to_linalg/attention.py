"""Attention as a loop over blocks of queries, so that the scores fit into a bounded buffer."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.builder import ImplicitBuilder
from xdsl.dialects import scf
from xdsl.dialects.builtin import IndexType
from xdsl.ir import Block, SSAValue
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern

from rlxc.dialects.rlx import AttentionOp
from rlxc.dialects.rlx.base import int_of, shape_of
from rlxc.passes.lowering.dims import dim, dims
from rlxc.passes.lowering.scalars import Scalar, Size, as_value, maximum, minimum, named
from rlxc.passes.lowering.to_linalg.attention_block import BlockedAttention
from rlxc.passes.lowering.to_linalg.attention_checks import (
    check_table_length,
    checked_kv_length,
    checked_query_offset,
)
from rlxc.passes.lowering.to_linalg.checks import check_shared_dims
from rlxc.passes.lowering.to_linalg.emit import emit_before
from rlxc.passes.lowering.to_linalg.rope import rotate, table_rows
from rlxc.passes.lowering.to_linalg.structured import element_type_of, empty, pointwise
from rlxc.passes.lowering.to_linalg.views import collapse, expand, insert, part

_MOST_ROWS = 64
"""The most queries of a block: with more, the scores leave the caches, and causal blocks see more keys in vain."""


@dataclass(frozen=True)
class AttentionToLinalg(RewritePattern):
    """attention -> for each block of queries: scores, softmax, weighted sum of the values.

    A block has as many queries as keep the `[B, num_heads, queries, keys]` scores within
    `scores_limit` elements, at least one.
    """

    scores_limit: int

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: AttentionOp, rewriter: PatternRewriter) -> None:
        with emit_before(op, rewriter):
            check_shared_dims(op)
            result = collapse(_over_blocks(_prepare(op), self.scores_limit), 2, 3)
        rewriter.replace(op, (), (result,))


def _over_blocks(attention: BlockedAttention, scores_limit: int) -> SSAValue:
    """The attention of all queries, `[B, Q, num_kv_heads, group, head_dim]`."""
    q_len = dim(attention.q, 1)
    result = empty(dims(attention.q), element_type_of(attention.q))
    if q_len == 1:
        return attention.block(0, 1, 1)
    max_rows = _rows_within(attention, scores_limit)
    lower, upper, step = (as_value(size) for size in (0, q_len, max_rows))
    body = Block(arg_types=[IndexType(), result.type])
    body.args[0].name_hint, body.args[1].name_hint = "row", "result"
    with ImplicitBuilder(body) as (row, partial):
        start = Scalar(row)
        rows = named(minimum(max_rows, q_len - start), "rows")
        block = attention.block(start, rows, max_rows)
        scf.YieldOp(insert(block, partial, {1: start}))
    return scf.ForOp(lower, upper, step, [result], body).res[0]


def _rows_within(attention: BlockedAttention, scores_limit: int) -> Size:
    """How many queries a block may have: `scores_limit` divided by the scores of one query, within reason."""
    batch, q_len, kv_heads, group, _ = dims(attention.q)
    scores_per_query = kv_heads * group * batch * dim(attention.k, 1)
    rows = minimum(scores_limit // maximum(scores_per_query, 1), minimum(q_len, _MOST_ROWS))
    return named(maximum(rows, 1), "max_rows")


def _prepare(op: AttentionOp) -> BlockedAttention:
    """What all blocks share: only the valid keys, gain and rotation done, heads apart."""
    kv_heads, head_dim = int_of(op.num_kv_heads), int_of(op.head_dim)
    kv_length = checked_kv_length(op)
    query_offset = checked_query_offset(op, kv_length)
    valid = (0, kv_length)
    k, v = (expand(part(x, {1: valid}, hint=x.name_hint), 2, kv_heads, head_dim) for x in (op.k, op.v))
    if op.k_gain is not None:
        k = pointwise("bkhd,d->bkhd", lambda k, gain: k * gain, k, op.k_gain, hint="k_gained")
    if op.cos is None:
        q = expand(op.q, 2, kv_heads, op.group, head_dim)
    else:
        check_table_length(op, query_offset)
        q_rotated = _rotate(op, expand(op.q, 2, int_of(op.num_heads), head_dim), query_offset, hint="q_rot")
        q, k = expand(q_rotated, 2, kv_heads, op.group), _rotate(op, k, 0, hint="k_rot")
    return BlockedAttention(
        q=q,
        k=k,
        v=v,
        padding=None if op.padding is None else part(op.padding, {1: valid}, hint="padding"),
        bias=None if op.bias is None else _bias_by_group(op, part(op.bias, {3: valid}, hint="bias")),
        mask=op.mask,
        query_offset=query_offset,
        starts_before_keys=_starts_before_keys(op, query_offset),
        scale=op.scale_value,
        softcap=None if op.softcap is None else op.softcap.value.data,
    )


def _starts_before_keys(op: AttentionOp, query_offset: Size) -> bool:
    """Whether the first queries may have negative positions: neither checked nor known to have none."""
    checked = op.cos is not None or op.query_offset is not None
    return not checked and (isinstance(query_offset, Scalar) or query_offset < 0)


def _rotate(op: AttentionOp, heads: SSAValue, position: Size, *, hint: str) -> SSAValue:
    """Heads `[B, S, H, head_dim]` rotated by the positions from `position` on."""
    assert op.cos is not None
    assert op.sin is not None
    assert op.n_rot is not None
    cos, sin = (table_rows(table, position, dim(heads, 1)) for table in (op.cos, op.sin))
    rotated = rotate(heads, cos, sin, n_rot=int_of(op.n_rot), style=op.style)
    rotated.name_hint = hint
    return rotated


def _bias_by_group(op: AttentionOp, bias: SSAValue) -> SSAValue:
    """A bias of all heads with its heads as key/value head and group; one for all heads as it is."""
    if shape_of(bias)[1] != int_of(op.num_heads):
        return bias
    return expand(bias, 1, int_of(op.num_kv_heads), op.group)
