"""A call in Chrome's trace event format: one line for each thread."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rlxc.runtime.profile.rows import Call, Row

PROCESS = 1


def trace_events(rows: Sequence[Row], call: Call) -> list[dict[str, Any]]:
    """The events of a call. Times are in microseconds, from its start."""
    row_of = {part: row for row in rows for part in row.parts}
    events = [thread_name(thread) for thread in range(len(call.times))]
    for thread, times in enumerate(call.times.tolist()):
        for index, part in enumerate(call.parts):
            start, end = times[index : index + 2]
            what = {"name": "wait"} if part.waits else dict(described(row_of[index]))
            events.append(
                {**what, "ph": "X", "pid": PROCESS, "tid": thread, "ts": start / 1e3, "dur": (end - start) / 1e3}
            )
    return events


def thread_name(thread: int) -> dict[str, Any]:
    """What names a line."""
    return {
        "name": "thread_name",
        "ph": "M",
        "pid": PROCESS,
        "tid": thread,
        "args": {"name": f"thread {thread}"},
    }


def described(row: Row) -> Iterator[tuple[str, Any]]:
    """What an event says of the operations."""
    yield "name", ", ".join(one.head for one in row.operations) or "other"
    operations = [f"{one.text} at {one.place}" if one.place else one.text for one in row.operations]
    yield "args", {"operations": operations, "share of roofline": round(row.share_of_roofline, 3)}
