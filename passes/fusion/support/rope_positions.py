"""Whether a rotation starts where that of an attention would."""

from __future__ import annotations

from xdsl.dialects import arith
from xdsl.ir import SSAValue

from rlxc.dialects.rlx import AttentionOp
from rlxc.passes.fusion.support.sizes import axis_size, measured


def key_position_obstacle(position: SSAValue | None) -> str | None:
    """Why keys rotated from `position` are not those that an attention rotates."""
    if position is None or measured(position) == 0:
        return None
    return "K is rotated from a position, but the keys of an attention start at position 0"


def query_position_obstacle(position: SSAValue | None, op: AttentionOp) -> str | None:
    """Why queries rotated from `position` may not be those that the attention rotates."""
    if op.query_offset is not None:
        start = 0 if position is None else measured(position)
        return None if start == measured(op.query_offset) else "Q is rotated from another position than query_offset"
    if _is_right_aligned(position, op):
        return None
    if position is not None:
        return "Q is rotated from a position, but the attention has no query_offset"
    if op.kv_length is not None:
        return "Q is rotated from position 0, but kv_length aligns the queries with the last valid key"
    return "Q is rotated from position 0, but queries and keys are not known to be equally many"


def _is_right_aligned(position: SSAValue | None, op: AttentionOp) -> bool:
    """Whether `position` is provably the default offset of the queries: number of valid keys - q_len."""
    keys = axis_size(op.k, 1) if op.kv_length is None else measured(op.kv_length)
    queries = axis_size(op.q, 1)
    if position is None or measured(position) == 0:
        return keys == queries
    if isinstance(keys, int) and isinstance(queries, int) and measured(position) == keys - queries:
        return True
    match position.owner:
        case arith.SubiOp(lhs=lhs, rhs=rhs):
            return (measured(lhs), measured(rhs)) == (keys, queries)
        case _:
            return False
