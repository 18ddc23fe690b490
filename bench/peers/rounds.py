"""Timing all backends in turns."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from bench.peers.contender import Burst, Contender, quality
from bench.peers.inputs import arrays_of
from bench.peers.machine import Cost, Machine
from bench.peers.reference import reference
from bench.peers.system import available_memory, busy_seconds
from bench.peers.workload import Workload

MOST_OTHERS = 0.1
"""Cores that others may use during a burst that is quiet."""

LEAST_HEALTH = 0.88
"""The share of its limit that the machine has to give right before and after such a burst."""

WINDOW = 0.2
"""Seconds that have to be quiet before a burst that waits for it."""

SPARE_MEMORY = 3 * 1024
"""MiB that have to be available for a backend to be started."""

SETTLE = 0.1
"""Seconds after a burst in which a backend's idle threads may still look for work."""


@dataclass(frozen=True)
class Settings:
    """How long and how patiently is measured."""

    rounds: int
    seconds: float
    """The length of a burst."""
    retries: int
    """How often a disturbed burst is repeated."""
    patience: float
    """Seconds to wait before a burst until others are quiet."""
    ahead: bool
    """Whether the processes that are timed go before those of other sessions meanwhile."""


class Timed(Protocol):
    """What is timed in turns."""

    bursts: list[Burst]

    @property
    def workload(self) -> Cost:
        """What has to be done at least in one run."""
        ...

    def burst(self, seconds: float, ahead: bool) -> Burst | None:
        """Some runs; None if they failed."""
        ...


def measure(workload: Workload, pythons: dict[str, str], machine: Machine, settings: Settings) -> dict[str, Any]:
    """Backend -> its report. All are started first; then, in each round, each has one burst."""
    with tempfile.TemporaryDirectory(prefix="peers-") as directory:
        expected: dict[str, Any] = dict(reference(workload, arrays_of(workload)))
        np.savez(f"{directory}/expected.npz", **expected)
        contenders = [Contender(name, python, workload, machine.threads, directory) for name, python in pythons.items()]
        for contender in contenders:
            start(contender)
        machine.measure_anew()
        for number in range(settings.rounds):
            turn = number % max(1, len(contenders))
            for contender in (*contenders[turn:], *contenders[:turn]):
                if contender.process is not None:
                    take_turn(contender, machine, settings)
        for contender in contenders:
            contender.finish()
            announce(contender)
    return {contender.name: contender.report for contender in contenders}


def start(contender: Contender) -> None:
    """Start a backend, if there is memory for it."""
    if available_memory() < SPARE_MEMORY:
        contender.stop("skipped", "too little memory is available")
    else:
        contender.start()
    if contender.process is None:
        announce(contender)


def take_turn(contender: Timed, machine: Machine, settings: Settings) -> None:
    """One burst, repeated if it was disturbed; the best of them is kept."""
    limit = machine.roof(contender.workload)[1]
    best: Burst | None = None
    for _ in range(settings.retries + 1):
        wait_for_quiet(settings.patience)
        before = machine.measure(limit)
        burst = contender.burst(settings.seconds, settings.ahead)
        if burst is None:
            return
        time.sleep(SETTLE)
        burst["health"] = min(before, machine.measure(limit))
        burst["quiet"] = burst["others"] <= MOST_OTHERS and burst["health"] >= LEAST_HEALTH
        if best is None or quality(burst) > quality(best):
            best = burst
        if best["quiet"]:
            break
    assert best is not None
    contender.bursts.append(best)


def wait_for_quiet(patience: float) -> None:
    """Until others use little, or patience is at an end."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        busy = busy_seconds()
        time.sleep(WINDOW)
        if busy_seconds() - busy <= MOST_OTHERS * WINDOW:
            return


def announce(contender: Contender) -> None:
    """Print a line on what came out."""
    report = contender.report
    if report["status"] != "ok":
        text = f"{report['status']}: {report['reason']}"
    else:
        text = (
            f"{report['median_ms']:9.3f} ms [{report['low_ms']:.3f}, {report['high_ms']:.3f}], error "
            f"{report['error']:.0e}, {report['quiet_bursts']} of {report['bursts']} bursts quiet"
        )
    print(f"{contender.workload.name:22} {contender.name:16} {text}", flush=True)
