"""NumPy, as someone writes it by hand."""

from __future__ import annotations

from typing import Any

import numpy as np

from bench.peers.backends.base import Backend
from bench.peers.backends.functional import RESULTS, functional
from bench.peers.inputs import Arrays
from bench.peers.workload import Workload


class Runtime(Backend):
    """NumPy on its BLAS."""

    def prepare(self, workload: Workload, arrays: Arrays) -> None:
        """See `Backend`."""
        self.workload, self.arrays = workload, arrays
        self.results: tuple[Any, ...] = ()

    def run(self) -> None:
        """See `Backend`."""
        self.results = functional(np, self.workload, self.arrays)

    def outputs(self) -> Arrays:
        """See `Backend`."""
        return dict(zip(RESULTS, self.results, strict=False))
