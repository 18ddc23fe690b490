"""The process of one backend: `python -m bench.peers.worker BACKEND WORKLOAD THREADS REFERENCE`.

It answers `load`, `prepare`, `burst` and `finish`, in this order; bursts as often as wanted.
"""

from __future__ import annotations

import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from bench.peers.backends import make
from bench.peers.burst import burst
from bench.peers.errors import largest_error
from bench.peers.inputs import arrays_of
from bench.peers.messages import serve
from bench.peers.system import forget_peak_memory, memory_of
from bench.peers.workloads import WORKLOADS


class Worker:
    """A backend and its workload."""

    def __init__(self, backend: str, workload: str, threads: str, reference: str):
        self.name, self.workload, self.threads = backend, WORKLOADS[workload], int(threads)
        self.reference = Path(reference)

    def load(self) -> dict[str, Any]:
        """Import the runtime."""
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: self.threads])
        start = time.perf_counter()
        self.backend = make(self.name, self.threads)
        return {
            "import_s": time.perf_counter() - start,
            "import_mib": memory_of("VmRSS"),
            "unsupported": self.backend.reason_against(self.workload),
        }

    def prepare(self) -> dict[str, Any]:
        """Build, compile, run once, and compare with the reference."""
        arrays = arrays_of(self.workload)
        forget_peak_memory()
        start = time.perf_counter()
        self.backend.prepare(self.workload, arrays)
        compiled = time.perf_counter()
        self.backend.run()
        done = time.perf_counter()
        return {"compile_s": compiled - start, "first_run_s": done - compiled, "error": self._error()}

    def burst(self, seconds: float, ahead: bool) -> dict[str, Any]:
        """Run for a while: see `bench.peers.burst`."""
        return burst(self._timed_run, seconds, ahead)

    def finish(self) -> dict[str, Any]:
        """The error after all runs, and the peak of memory since the inputs were there."""
        return {
            "error": self._error(),
            "peak_mib": memory_of("VmHWM"),
            "compiler_mib": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
        }

    def _timed_run(self) -> float:
        start = time.perf_counter()
        self.backend.run()
        return time.perf_counter() - start

    def _error(self) -> float:
        with np.load(self.reference) as expected:
            return largest_error(self.backend.outputs(), dict(expected))


if __name__ == "__main__":
    worker = Worker(*sys.argv[1:])
    serve({"load": worker.load, "prepare": worker.prepare, "burst": worker.burst, "finish": worker.finish})
