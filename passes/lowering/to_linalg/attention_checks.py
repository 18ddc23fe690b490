"""What only a run can decide about an attention: where its queries stand, and which keys are valid."""

from __future__ import annotations

from rlxc.dialects.rlx import AttentionOp
from rlxc.dialects.rlx.rope import tables_hold
from rlxc.passes.lowering.dims import as_size, dim
from rlxc.passes.lowering.scalars import Size, difference
from rlxc.passes.lowering.to_linalg.checks import check


def checked_kv_length(op: AttentionOp) -> Size:
    """The number of valid keys, checked against the rows of k."""
    kv_len = dim(op.k, 1)
    if op.kv_length is None:
        return kv_len
    length = as_size(op.kv_length)
    check(op, length >= 0, "kv_length is negative")
    check(op, length <= kv_len, "kv_length is more than the rows of k")
    return length


def checked_query_offset(op: AttentionOp, kv_length: Size) -> Size:
    """The position of the first query; a given one must not be negative."""
    if op.query_offset is None:
        return difference(kv_length, dim(op.q, 1))
    offset = as_size(op.query_offset)
    check(op, offset >= 0, "query_offset is negative")
    return offset


def check_table_length(op: AttentionOp, query_offset: Size) -> None:
    """Check that the rope tables have a row for each position."""
    assert op.cos is not None
    held, q_len = dim(op.cos, 0), dim(op.q, 1)
    check(op, dim(op.k, 1) <= held, f"k has more positions than {tables_hold(op.cos)}")
    if op.query_offset is None:
        check(op, query_offset >= 0, "q has more positions than k, so that the first ones are negative")
    else:
        check(op, query_offset + q_len <= held, f"q has later positions than {tables_hold(op.cos)}")
