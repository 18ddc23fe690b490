"""A backend at work on a workload, as the bench sees it."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from typing import Any

from bench.peers.errors import MOST
from bench.peers.process import PeerError, Process
from bench.peers.workload import Workload

Burst = dict[str, Any]

VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass
class Contender:
    """One process, its bursts, and what is reported of it."""

    name: str
    python: str
    workload: Workload
    threads: int
    directory: str
    """Where caches go that nobody has filled before, and where the reference `expected.npz` is."""
    report: dict[str, Any] = field(default_factory=dict)
    bursts: list[Burst] = field(default_factory=list)
    process: Process | None = None

    def start(self) -> None:
        """Start, compile, run once and check; `report` says why it is not timed, if it is not."""
        arguments = [self.name, self.workload.name, str(self.threads), f"{self.directory}/expected.npz"]
        process = self.process = Process(self.python, "bench.peers.worker", arguments, self._environment())
        try:
            loaded = process.ask("load")
            if reason := loaded.pop("unsupported"):
                self.stop("skipped", reason)
                return
            self.report |= {"status": "ok", **loaded, **process.ask("prepare")}
            self._check(self.report["error"])
        except PeerError as error:
            self.stop("failed", str(error))

    def burst(self, seconds: float, ahead: bool) -> Burst | None:
        """Some runs, before those of other sessions if `ahead`; None if it failed."""
        assert self.process is not None
        try:
            return self.process.ask("burst", seconds=seconds, ahead=ahead)
        except PeerError as error:
            self.stop("failed", str(error))
            return None

    def finish(self) -> None:
        """Check once more, and add the figures of all bursts, or of the undisturbed ones if there are enough."""
        if self.process is None:
            return
        try:
            finished = self.process.ask("finish")
        except PeerError as error:
            self.stop("failed", str(error))
            return
        self.report |= {"peak_mib": finished["peak_mib"], "compiler_mib": finished["compiler_mib"]}
        self.report |= statistics_of(self.bursts)
        self.process.close()
        self._check(finished["error"])

    def stop(self, status: str, reason: str) -> None:
        """Give up."""
        self.report |= {"status": status, "reason": reason}
        if self.process is not None:
            self.process.close()
        self.process = None

    def _check(self, error: float) -> None:
        if not error <= MOST:
            self.stop("wrong", f"its largest error is {error:.1e} of the largest element")

    def _environment(self) -> dict[str, str]:
        threads = dict.fromkeys(VARIABLES, str(self.threads))
        caches = {name: f"{self.directory}/{self.name}" for name in ("RLXC_CACHE_DIR", "TORCHINDUCTOR_CACHE_DIR")}
        return {**threads, **caches}


def statistics_of(bursts: list[Burst]) -> dict[str, Any]:
    """Median and quartiles of the times in milliseconds: of the quiet bursts, or of the least disturbed one."""
    quiet = [burst for burst in bursts if burst["quiet"]]
    used = quiet or [max(bursts, key=quality)]
    times = [1e3 * time for burst in used for time in burst["times"]]
    low, median, high = statistics.quantiles(times, n=4, method="inclusive")
    return {
        "median_ms": median,
        "low_ms": low,
        "high_ms": high,
        "least_ms": min(1e3 * time for burst in bursts for time in burst["times"]),
        "runs": len(times),
        "bursts": len(bursts),
        "quiet_bursts": len(quiet),
        "burst_medians_ms": [1e3 * statistics.median(burst["times"]) for burst in bursts],
        "others": [burst["others"] for burst in bursts],
        "health": [burst["health"] for burst in bursts],
    }


def quality(burst: Burst) -> tuple[bool, float]:
    """How little a burst was disturbed."""
    return burst["quiet"], burst["health"] - burst["others"]
