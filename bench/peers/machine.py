"""The limits of the machine, measured before and between all other measurements."""

from __future__ import annotations

from typing import Any, Literal, Protocol

from bench.peers.process import Process
from bench.peers.system import processor_name

Limit = Literal["multiply_add", "read"]


class Cost(Protocol):
    """What has to be done at least."""

    @property
    def flops(self) -> float:
        """Useful operations."""
        ...

    @property
    def bytes(self) -> float:
        """Bytes that move at least once."""
        ...


UNITS: dict[Limit, str] = {"multiply_add": "GFLOP/s", "read": "GB/s"}

SAMPLES = 7
"""Measurements of each limit before a workload."""


class Machine:
    """The probe, and what it has found since the limits were last measured anew."""

    def __init__(self, python: str, threads: int, ahead: bool):
        self.threads, self.ahead = threads, ahead
        self.probe = Process(python, "bench.peers.probe", [str(threads)], {})
        self.chosen = self.probe.ask("choose", ahead=ahead)
        self.rates: dict[Limit, list[float]] = {}

    def measure_anew(self) -> None:
        """Forget the limits and find them again: the neighbours of a virtual machine change its bandwidth."""
        self.rates = {limit: [] for limit in UNITS}
        for _ in range(SAMPLES):
            for limit in UNITS:
                self.measure(limit)

    def measure(self, limit: Limit) -> float:
        """The rate at this moment, as a share of the limit."""
        rate = self.probe.ask(limit, ahead=self.ahead)["rate"]
        self.rates[limit].append(rate)
        return rate / self.limit(limit)

    def limit(self, limit: Limit) -> float:
        """The third best measurement: what disturbs the machine can only lower a rate."""
        return sorted(self.rates[limit])[-3:][0]

    def limits(self) -> dict[str, float]:
        """The limits with their units."""
        return {f"{limit} {unit}": round(self.limit(limit), 2) for limit, unit in UNITS.items()}

    def described(self) -> dict[str, Any]:
        """What does not change from workload to workload."""
        return {"processor": processor_name(), "threads": self.threads, **self.chosen}

    def roof(self, work: Cost) -> tuple[float, Limit]:
        """The least seconds that work can take, and what limits it."""
        compute = work.flops / self.limit("multiply_add") / 1e9
        memory = work.bytes / self.limit("read") / 1e9
        return (compute, "multiply_add") if compute >= memory else (memory, "read")
