"""The process that finds the limits of the machine: `python -m bench.peers.probe THREADS`.

It answers `multiply_add` and `read` with GFLOP/s and GB/s of all threads together, at this moment.
"""

from __future__ import annotations

import sys
from typing import Any

from bench.peers.messages import serve
from bench.peers.system import ahead_of_others
from rlxc.native.roofline import Probe


class ServedProbe:
    """A probe that measures ahead of other processes where it is told to."""

    def __init__(self, threads: int):
        self.probe = Probe(threads)

    def choose(self, ahead: bool) -> dict[str, Any]:
        """Find the width and the number of streams that are the fastest here."""
        with ahead_of_others(ahead):
            self.probe.choose()
        return {"width": self.probe.width, "streams": self.probe.streams}

    def multiply_add(self, ahead: bool) -> dict[str, Any]:
        """GFLOP/s of multiply-adds in float32."""
        with ahead_of_others(ahead):
            return {"rate": self.probe.multiply_add()}

    def read(self, ahead: bool) -> dict[str, Any]:
        """GB/s of reads."""
        with ahead_of_others(ahead):
            return {"rate": self.probe.read()}


if __name__ == "__main__":
    probe = ServedProbe(int(sys.argv[1]))
    serve({"choose": probe.choose, "multiply_add": probe.multiply_add, "read": probe.read})
