"""NumPy, as someone writes it by hand."""

from __future__ import annotations

from typing import Any

import numpy as np

from bench.peers.backends.base import Backend
from bench.peers.backends.functional import RESULTS, functional
from bench.peers.inputs import Array, Arrays
from bench.peers.workload import Workload


class Runtime(Backend):
    """NumPy on its BLAS."""

    has_experts = True

    def prepare(self, workload: Workload, arrays: Arrays) -> None:
        """See `Backend`."""
        self.workload, self.arrays = workload, arrays
        self.results: tuple[Any, ...] = ()

    def run(self) -> None:
        """See `Backend`."""
        is_mixture = self.workload.kind == "experts"
        self.results = (self._experts(),) if is_mixture else functional(np, self.workload, self.arrays)

    def outputs(self) -> Arrays:
        """See `Backend`."""
        return dict(zip(RESULTS, self.results, strict=False))

    def _experts(self) -> Array:
        """The weighted sum of the experts, each on the rows that chose it."""
        x, count, result = self.arrays["x"], self.workload.experts, np.zeros_like(self.arrays["x"])
        logits = x @ self.arrays["router"]
        chosen = np.argpartition(-logits, self.workload.chosen - 1, axis=1)[:, : self.workload.chosen]
        gates = np.exp(logits - logits.max(axis=1, keepdims=True))
        gates /= np.take_along_axis(gates, chosen, axis=1).sum(axis=1, keepdims=True)
        weights = {name: np.split(self.arrays[name], count, axis=1) for name in ("wg", "wu", "wd")}
        for expert in np.unique(chosen):
            rows = np.flatnonzero((chosen == expert).any(axis=1))
            gate, up = x[rows] @ weights["wg"][expert], x[rows] @ weights["wu"][expert]
            hidden = gate / (1 + np.exp(-gate)) * up
            result[rows] += gates[rows, expert, None] * (hidden @ weights["wd"][expert])
        return result
