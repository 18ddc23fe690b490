"""What only a run can decide: positions, lengths and token ids within their bounds, in the words of every target."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray
from xdsl.ir import Operation

from rlxc.dialects.rlx.attention import AttentionOp
from rlxc.dialects.rlx.places import located
from rlxc.dialects.rlx.rope import RopeOp, tables_hold

Array = NDArray[Any]


def require_in_run(op: Operation, condition: bool, problem: str) -> None:
    """Raise IndexError, with the operation and its place, unless `condition` holds."""
    if not condition:
        raise IndexError(located(op, problem))


def check_rope(op: RopeOp, position: int, count: int, rows: int) -> None:
    """`count` positions from `position` on lie within the `rows` of the tables."""
    require_in_run(op, position >= 0, "position is negative")
    require_in_run(op, position + count <= rows, f"x has more positions than {tables_hold(op.cos)}")


def check_lengths(op: AttentionOp, kv_length: int, kv_len: int, query_offset: int | None) -> None:
    """The valid keys are among the rows of k, and no query stands before the first key unless it is right-aligned."""
    require_in_run(op, kv_length >= 0, "kv_length is negative")
    require_in_run(op, kv_length <= kv_len, "kv_length is more than the rows of k")
    require_in_run(op, query_offset is None or query_offset >= 0, "query_offset is negative")


def check_rotations(op: AttentionOp, offset: int, q_len: int, kv_len: int, rows: int) -> None:
    """All positions of q, from `offset` on, and of k lie within the `rows` of the tables."""
    assert op.cos is not None
    held = tables_hold(op.cos)
    require_in_run(op, kv_len <= rows, f"k has more positions than {held}")
    require_in_run(op, offset >= 0, "q has more positions than k, so that the first ones are negative")
    require_in_run(op, offset + q_len <= rows, f"q has later positions than {held}")
