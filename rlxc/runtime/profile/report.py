"""A profile, as data and as text."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from rlxc.native.roofline import Roofline
from rlxc.runtime.profile.rows import Call, Row


@dataclass(frozen=True)
class Profile:
    """Where the time of one call went.

    ```python
    profile = fn.profile(x)
    print(profile)                          # a table
    profile.to_json(), profile.to_trace()   # texts; the latter is for chrome://tracing or ui.perfetto.dev
    ```
    """

    function: str
    rows: tuple[Row, ...]
    call: Call
    roofline: Roofline

    @property
    def threads(self) -> int:
        """How many threads shared the work."""
        return self.call.times.shape[0]

    @property
    def seconds(self) -> float:
        """The time of the whole call."""
        return self.call.nanoseconds * 1e-9

    @property
    def outside_seconds(self) -> float:
        """What is in no row: the arguments are checked, memory is taken, threads wake up."""
        return self.seconds - sum(row.seconds for row in self.rows)

    def to_json(self) -> str:
        """The profile as JSON."""
        return json.dumps(
            {
                "function": self.function,
                "threads": self.threads,
                "seconds": self.seconds,
                "outside_seconds": self.outside_seconds,
                "roofline": asdict(self.roofline),
                "rows": [row_data(row) for row in self.rows],
            },
            indent=2,
        )

    def to_trace(self) -> str:
        """What each thread did when, in Chrome's trace event format."""
        from rlxc.runtime.profile.trace import trace_events

        return json.dumps({"traceEvents": trace_events(self.rows, self.call), "displayTimeUnit": "ms"})

    def __str__(self) -> str:
        from rlxc.runtime.profile.table import table_text

        return table_text(self)


def row_data(row: Row) -> dict[str, Any]:
    """A row as JSON has it."""
    return {
        "operations": [asdict(one) for one in row.operations],
        "seconds": row.seconds,
        "waiting_seconds": row.waiting_seconds,
        "flops": row.work.flops,
        "bytes": row.work.bytes_moved,
        "gflops_per_second": row.gflops_per_second,
        "gbytes_per_second": row.gbytes_per_second,
        "share_of_roofline": row.share_of_roofline,
    }
