"""How many threads share the work of a call."""

from __future__ import annotations

import os
from typing import cast

from rlxc.diagnostics import RlxcError

VARIABLE = "RLXC_NUM_THREADS"

MOST = 1024
"""More threads than this are a mistake."""


def thread_count(requested: int | None = None) -> int:
    """`requested`, or else the environment variable RLXC_NUM_THREADS, or else the cores that this process may use."""
    if requested is not None:
        return checked("threads", requested)
    text = os.environ.get(VARIABLE, "").strip()
    if not text:
        return min(usable_cores(), MOST)
    return checked(VARIABLE, int(text) if text.isascii() and text.isdigit() else text)


def checked(what: str, count: object) -> int:
    """`count` if it is a number of threads."""
    if isinstance(count, int) and not isinstance(count, bool) and 1 <= count <= MOST:
        return count
    raise RlxcError(f"{what} must be a whole number from 1 to {MOST}, got {cast(object, count)!r}")


def usable_cores() -> int:
    """The cores that this process may run on, where the system tells; else all."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
