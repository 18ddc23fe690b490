"""Mixtures of experts, compiled for this machine, and compared with the reference in float64."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp

from projection_kernels import panels, surrounded
from rlxc.dialects.rlx.reference.experts import moe
from rlxc.native.toolchain import Toolchain
from rlxc.passes.kernels.barrier import barrier_functions
from rlxc.passes.kernels.expand_math import RlxExpandMathPass
from rlxc.passes.kernels.experts import MoeSpec, moe_functions, moe_workspace
from rlxc.passes.kernels.matmul import common_functions
from rlxc.passes.kernels.target import KernelTarget
from threaded_functions import ThreadedFunctions

Array = NDArray[Any]


def moe_module(specs: Sequence[MoeSpec], target: KernelTarget) -> ModuleOp:
    """The functions of several mixtures, each name once."""
    made = [*common_functions(target), *(function for spec in specs for function in moe_functions(spec, target))]
    module = ModuleOp([*{function.sym_name.data: function for function in made}.values(), *barrier_functions()])
    RlxExpandMathPass().apply(Context(), module)
    module.verify()
    return module


def compiled_mixtures(
    specs: Sequence[MoeSpec], target: KernelTarget, toolchain: Toolchain | None = None
) -> list[Mixture]:
    """Each mixture, with random weights."""
    functions = ThreadedFunctions(moe_module(specs, target), optimization_level=1, toolchain=toolchain)
    return [Mixture(functions, spec, target) for spec in specs]


class Mixture:
    """A kernel with its weights."""

    def __init__(self, functions: ThreadedFunctions, spec: MoeSpec, target: KernelTarget):
        self.functions, self.spec, self.target = functions, spec, target
        self.random = np.random.default_rng(spec.features)
        self.gate_up = self.normal(spec.features, spec.experts * 2 * spec.width) / np.float32(spec.features**0.5)
        self.down = self.normal(spec.width, spec.experts * spec.features) / np.float32(spec.width**0.5)

    def normal(self, *shape: int) -> Array:
        """Random numbers."""
        return self.random.standard_normal(shape, dtype=np.float32)

    def gates(self, rows: int) -> Array:
        """Gates of `top_k` random experts for each row."""
        numbers = self.normal(rows, self.spec.experts)
        ranks = np.argsort(np.argsort(self.normal(rows, self.spec.experts), axis=1), axis=1)
        return np.where(ranks < self.spec.top_k, numbers, np.float32(0))

    def error(self, gates: Array, num_threads: int = 1) -> float:
        """The largest error, relative to the largest element; that nothing around `y` is written is asserted."""
        x = self.normal(len(gates), self.spec.features)
        expected, found = self.expected(x, gates), self.call(x, gates, num_threads)
        return float(np.max(np.abs(found - expected), initial=0) / np.max(np.abs(expected), initial=1e-30))

    def call(self, x: Array, gates: Array, num_threads: int) -> Array:
        """Compute the result, of rows that have NaNs around them, into memory that holds NaNs."""
        size = moe_workspace(self.spec, self.target, len(x), num_threads)
        assert isinstance(size, int)
        (inner_x, _), (inner_gates, _) = surrounded(x, 1), surrounded(gates, 2)
        y, around = surrounded(np.full_like(x, np.nan), 1)
        workspace, after = np.split(np.full(size + 64, np.nan, np.float32), [size])
        barrier = np.zeros(16, np.int64)
        arguments = [inner_x, inner_gates, *self.packed(), y, workspace]
        team = range(num_threads)
        self.functions.call(self.spec.name, [[*arguments, thread, num_threads, barrier] for thread in team])
        assert np.isnan(after).all()
        assert np.isnan(around).sum() >= around.size - y.size
        return y

    def packed(self) -> list[Array]:
        """The panels of gate and up, and those of down, of one expert after the other."""
        gates_and_ups = np.split(self.gate_up, self.spec.experts, axis=1)
        return [
            np.concatenate([panels(np.split(expert, 2, axis=1), self.target) for expert in gates_and_ups]),
            np.concatenate(
                [panels([expert], self.target) for expert in np.split(self.down, self.spec.experts, axis=1)]
            ),
        ]

    def expected(self, x: Array, gates: Array) -> Array:
        """The same in float64."""
        x, gates, gate_up, down = (array.astype(np.float64) for array in (x, gates, self.gate_up, self.down))
        return moe(x, gates, gate_up, down, self.spec.activation)
