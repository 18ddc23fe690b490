"""JAX, whose XLA compiles for the CPU."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from bench.peers.backends.base import Backend
from bench.peers.backends.functional import RESULTS, functional
from bench.peers.inputs import Arrays
from bench.peers.workload import Workload


class Runtime(Backend):
    """`jax.jit`; the weights are arguments, which is faster than constants."""

    def prepare(self, workload: Workload, arrays: Arrays) -> None:
        """See `Backend`."""
        self.arguments = {name: jnp.asarray(array) for name, array in arrays.items()}

        def program(p: dict[str, Any]) -> tuple[Any, ...]:
            return functional(jnp, workload, p)

        self.compiled = jax.jit(program).lower(self.arguments).compile()
        self.results: tuple[Any, ...] = ()

    def run(self) -> None:
        """See `Backend`."""
        self.results = jax.block_until_ready(self.compiled(self.arguments))

    def outputs(self) -> Arrays:
        """See `Backend`."""
        return {name: np.asarray(result) for name, result in zip(RESULTS, self.results, strict=False)}
