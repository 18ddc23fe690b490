"""The roofline of this machine (Williams et al. 2009): no work is done faster than both of its limits allow."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from rlxc.native.roofline.probe import Probe

SAMPLES = 15
"""What disturbs the machine can only lower a rate, so the best of several measurements counts."""


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
    """The limits of so many threads on this machine, measured once in a process: that takes half a second."""
    probe = Probe(threads)
    probe.choose()
    multiply_add = max(probe.multiply_add() for _ in range(SAMPLES))
    read = max(probe.read() for _ in range(SAMPLES))
    return Roofline(multiply_add * 1e9, read * 1e9)
