"""Timing runs for a while, and what others did meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from bench.peers.system import ahead_of_others, busy_seconds


def burst(run: Callable[[], float], seconds: float, ahead: bool) -> dict[str, Any]:
    """Run for so long, at least twice, after a run that does not count; how many cores others used meanwhile.

    `run` gives the seconds that count. `ahead` lets this session go before all others.
    """
    with ahead_of_others(ahead):
        run()
        busy, used, start = busy_seconds(), time.process_time(), time.perf_counter()
        times: list[float] = []
        while len(times) < 2 or time.perf_counter() - start < seconds:
            times.append(run())
        wall = time.perf_counter() - start
        others = (busy_seconds() - busy - (time.process_time() - used)) / wall
    return {"times": times, "others": max(0.0, others)}
