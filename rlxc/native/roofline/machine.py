"""The roofline of this machine (Williams et al. 2009): no work is done faster than both of its limits allow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from rlxc.native.roofline.code import STREAMS, WIDTHS
from rlxc.native.roofline.probe import Probe

MULTIPLY_ADDS = 8_000_000
"""Vector operations of one measurement: some 2 ms, for which other processes often leave the cores alone."""

ROUNDS = 60
READ_ROUNDS = 15
"""How often each loop is measured."""


@dataclass(frozen=True)
class Roofline:
    """The limits of some threads together."""

    flops_per_second: float
    """Multiply-adds in float32; each is two FLOPs."""
    bytes_per_second: float
    """Reads of memory that no cache holds."""

    def seconds(self, flops: float, moved: float) -> float:
        """The least time for so many FLOPs and bytes."""
        return max(flops / self.flops_per_second, moved / self.bytes_per_second)


@cache
def roofline(threads: int) -> Roofline:
    """The limits of so many threads on this machine, measured once in a process: that takes a second."""
    probe = Probe(threads, MULTIPLY_ADDS)
    multiply_add = limit(probe.multiply_add(width) for width in WIDTHS * ROUNDS)
    read = limit(probe.read(streams) for streams in STREAMS * READ_ROUNDS)
    return Roofline(multiply_add * 1e9, read * 1e9)


def limit(rates: Iterable[float]) -> float:
    """The third best of many measurements: other processes can only lower a rate, but a cache may lift one."""
    return sorted(rates)[-3]
