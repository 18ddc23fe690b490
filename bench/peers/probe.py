"""The process that finds the limits of the machine: `python -m bench.peers.probe THREADS`.

It answers `multiply_add` and `read` with GFLOP/s and GB/s of all threads together, at this moment.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from bench.peers.messages import serve
from bench.peers.probe_code import CHAINS, STEP, STREAMS, WIDTHS, multiply_add_code, read_code
from bench.peers.system import ahead_of_others
from rlxc.native.codegen import compile_object
from rlxc.native.huge_pages import zeros
from rlxc.native.library import Library

MULTIPLY_ADDS = 40_000_000
"""Vector operations of one measurement, on each thread: some 10 ms."""

READ_BYTES = 256 * 2**20
"""Bytes that all threads read in one measurement: more than the caches hold."""


class Probe:
    """Compiled loops, threads to run them, each on a core of its own, and memory to read."""

    def __init__(self, threads: int):
        self.threads = threads
        code = "".join([*map(multiply_add_code, WIDTHS), *map(read_code, STREAMS)])
        names = [*(f"fma_{width}" for width in WIDTHS), *(f"read_{streams}" for streams in STREAMS)]
        self.library = Library(compile_object(code, exported=names), names)
        cores = iter(sorted(os.sched_getaffinity(0)) * threads)
        self.pool = ThreadPoolExecutor(threads, initializer=lambda: os.sched_setaffinity(0, {next(cores)}))
        self.width, self.streams = WIDTHS[0], STREAMS[0]
        elements = READ_BYTES // 4 // threads // (STEP * max(STREAMS)) * STEP * max(STREAMS)
        self.memory = [zeros((elements,), np.dtype(np.float32), "the probe") for _ in range(threads)]
        for part in self.memory:
            part[...] = 1

    def choose(self, ahead: bool) -> dict[str, Any]:
        """Find the width and the number of streams that are the fastest here."""
        with ahead_of_others(ahead):
            self.width = max(WIDTHS, key=lambda width: max(self._multiply_add(width) for _ in range(5)))
            self.streams = max(STREAMS, key=lambda streams: max(self._read(streams) for _ in range(5)))
        return {"width": self.width, "streams": self.streams}

    def multiply_add(self, ahead: bool) -> dict[str, Any]:
        """GFLOP/s of multiply-adds in float32."""
        with ahead_of_others(ahead):
            return {"rate": self._multiply_add(self.width)}

    def read(self, ahead: bool) -> dict[str, Any]:
        """GB/s of reads."""
        with ahead_of_others(ahead):
            return {"rate": self._read(self.streams)}

    def _multiply_add(self, width: int) -> float:
        function = self.library.function(f"fma_{width}", ctypes.c_float, ctypes.c_int64)
        repeats = MULTIPLY_ADDS // CHAINS
        seconds = self._together([lambda: function(repeats)] * self.threads)
        return self.threads * repeats * CHAINS * width * 2 / seconds / 1e9

    def _read(self, streams: int) -> float:
        function = self.library.function(f"read_{streams}", ctypes.c_float, ctypes.c_void_p, ctypes.c_int64)

        def reading(part: np.ndarray[Any, Any]) -> Callable[[], object]:
            return lambda: function(part.ctypes.data, part.size // streams)

        seconds = self._together([reading(part) for part in self.memory])
        return sum(part.nbytes for part in self.memory) / seconds / 1e9

    def _together(self, works: Sequence[Callable[[], object]]) -> float:
        """Seconds from the first start to the last end, when all start at the same time."""
        barrier = threading.Barrier(len(works))

        def timed(work: Callable[[], object]) -> tuple[float, float]:
            barrier.wait()
            start = time.perf_counter()
            work()
            return start, time.perf_counter()

        times = list(self.pool.map(timed, works))
        return max(end for _, end in times) - min(start for start, _ in times)


if __name__ == "__main__":
    probe = Probe(int(sys.argv[1]))
    serve({"choose": probe.choose, "multiply_add": probe.multiply_add, "read": probe.read})
