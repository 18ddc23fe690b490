"""The process of one backend: `python -m bench.generation.worker BACKEND THREADS`.

It answers `load` and `start`, in this order, then `read`, `prefill`, `decode` and `finish`.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from itertools import islice
from typing import Any

import numpy as np

from bench.generation.backends import make
from bench.peers.burst import burst
from bench.peers.messages import serve
from bench.peers.system import ahead_of_others, memory_of


class Worker:
    """A backend and its model."""

    def __init__(self, backend: str, threads: str):
        self.name, self.threads = backend, int(threads)

    def load(self) -> dict[str, Any]:
        """Import the runtime; in which form it reads a model."""
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: self.threads])
        start = time.perf_counter()
        self.backend = make(self.name, self.threads)
        return {"import_s": time.perf_counter() - start, "form": self.backend.form}

    def start(self, path: str, ids: Sequence[int], context: int, ahead: bool) -> dict[str, Any]:
        """Load the model and choose a token: the seconds from the file to it."""
        with ahead_of_others(ahead):
            start = time.perf_counter()
            self.backend.load(path, context)
            next(self.backend.stream(ids))
            return {"start_s": time.perf_counter() - start}

    def read(self, ids: Sequence[int], count: int, path: str) -> dict[str, Any]:
        """The next `count` ids; the logits after `ids` go to a file."""
        np.save(path, self.backend.logits(ids))
        return {"ids": list(islice(self.backend.stream(ids), count))}

    def prefill(self, ids: Sequence[int], seconds: float, ahead: bool) -> dict[str, Any]:
        """The seconds from a prompt to the first token."""

        def run() -> float:
            start = time.perf_counter()
            next(self.backend.stream(ids))
            return time.perf_counter() - start

        return burst(run, seconds, ahead)

    def decode(self, ids: Sequence[int], count: int, seconds: float, ahead: bool) -> dict[str, Any]:
        """The seconds for each of `count` tokens after the first."""

        def run() -> float:
            stream = self.backend.stream(ids)
            next(stream)
            start = time.perf_counter()
            for _ in range(count):
                next(stream)
            return (time.perf_counter() - start) / count

        return burst(run, seconds, ahead)

    def finish(self) -> dict[str, Any]:
        """The most memory that the process had."""
        return {"peak_mib": memory_of("VmHWM")}


if __name__ == "__main__":
    worker = Worker(*sys.argv[1:])
    serve({name: getattr(worker, name) for name in ("load", "start", "read", "prefill", "decode", "finish")})
