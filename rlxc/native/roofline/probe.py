"""How fast threads multiply and add, and how fast they read, at this moment."""

from __future__ import annotations

import ctypes
import os
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from rlxc.native.codegen import compile_object
from rlxc.native.huge_pages import zeros
from rlxc.native.library import Library
from rlxc.native.roofline.code import CHAINS, STEP, STREAMS, WIDTHS, multiply_add_code, read_code

MULTIPLY_ADDS = 40_000_000
"""Vector operations of one measurement, on each thread: some 10 ms."""

READ_BYTES = 256 * 2**20
"""Bytes that all threads read in one measurement: more than the caches hold."""


class Probe:
    """Compiled loops, threads to run them, each on a core of its own where the system allows it, and memory to read."""

    def __init__(self, threads: int, multiply_adds: int = MULTIPLY_ADDS):
        self.threads = threads
        self._repeats = multiply_adds // CHAINS
        code = "".join([*map(multiply_add_code, WIDTHS), *map(read_code, STREAMS)])
        names = [*(f"fma_{width}" for width in WIDTHS), *(f"read_{streams}" for streams in STREAMS)]
        self.library = Library([compile_object(code, exported=names)], names)
        self.pool = ThreadPoolExecutor(threads, initializer=core_of_its_own(threads))
        self.width, self.streams = WIDTHS[0], STREAMS[0]
        elements = READ_BYTES // 4 // threads // (STEP * max(STREAMS)) * STEP * max(STREAMS)
        self.memory = [zeros((elements,), np.dtype(np.float32), "the probe") for _ in range(threads)]
        for part in self.memory:
            part[...] = 1

    def choose(self) -> None:
        """Find the width and the number of streams that are the fastest here."""
        self.width = max(WIDTHS, key=lambda width: max(self.multiply_add(width) for _ in range(5)))
        self.streams = max(STREAMS, key=lambda streams: max(self.read(streams) for _ in range(5)))

    def multiply_add(self, width: int | None = None) -> float:
        """GFLOP/s of multiply-adds in float32, of all threads together."""
        width = self.width if width is None else width
        function = self.library.function(f"fma_{width}", ctypes.c_float, ctypes.c_int64)
        seconds = self._together([lambda: function(self._repeats)] * self.threads)
        return self.threads * self._repeats * CHAINS * width * 2 / seconds / 1e9

    def read(self, streams: int | None = None) -> float:
        """GB/s of reads, of all threads together."""
        streams = self.streams if streams is None else streams
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


def core_of_its_own(threads: int) -> Callable[[], None] | None:
    """What a thread calls first, to stay on one of the cores of this process."""
    if not hasattr(os, "sched_setaffinity"):
        return None
    cores = iter(sorted(os.sched_getaffinity(0)) * threads)
    return lambda: os.sched_setaffinity(0, {next(cores)})
