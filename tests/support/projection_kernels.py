"""Projections, compiled for this machine, called on parts of larger arrays and compared with NumPy in float64."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import erf, pi, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp

from rlxc.dialects.rlx import Activation
from rlxc.native.toolchain import Toolchain
from rlxc.passes.kernels.barrier import barrier_functions
from rlxc.passes.kernels.expand_math import RlxExpandMathPass
from rlxc.passes.kernels.matmul import MatmulSpec, matmul_functions, matmul_workspace
from rlxc.passes.kernels.target import KernelTarget
from threaded_functions import ThreadedFunctions

Array = NDArray[Any]

ACTIVATIONS: dict[Activation | None, Callable[[Array], Array]] = {
    None: lambda x: x,
    Activation.SILU: lambda x: x / (1 + np.exp(-x)),
    Activation.GELU: lambda x: x / 2 * (1 + np.vectorize(erf, otypes=[float])(x / sqrt(2))),
    Activation.GELU_TANH: lambda x: x / 2 * (1 + np.tanh(sqrt(2 / pi) * (x + 0.044715 * x**3))),
    Activation.RELU: lambda x: np.maximum(x, 0),
}


def projection_module(specs: Sequence[MatmulSpec], target: KernelTarget) -> ModuleOp:
    """The functions of several projections, each name once."""
    made = [function for spec in specs for function in matmul_functions(spec, target)]
    module = ModuleOp([*{function.sym_name.data: function for function in made}.values(), *barrier_functions()])
    RlxExpandMathPass().apply(Context(), module)
    module.verify()
    return module


def compiled_projections(
    specs: Sequence[MatmulSpec], target: KernelTarget, toolchain: Toolchain | None = None
) -> list[Projection]:
    """Each projection, with random weights."""
    functions = ThreadedFunctions(projection_module(specs, target), optimization_level=1, toolchain=toolchain)
    return [Projection(functions, spec, target) for spec in specs]


class Projection:
    """A kernel with its weights."""

    def __init__(self, functions: ThreadedFunctions, spec: MatmulSpec, target: KernelTarget):
        self.functions, self.spec, self.target = functions, spec, target
        self.name = matmul_functions(spec, target)[0].sym_name.data
        self.random = np.random.default_rng(spec.in_features)
        shape = spec.in_features, spec.out_features
        self.weights = [self.normal(*shape) / np.float32(sqrt(spec.in_features)) for _ in range(spec.weights)]
        self.bias = self.normal(spec.out_features)

    def normal(self, *shape: int) -> Array:
        """Random numbers."""
        return self.random.standard_normal(shape, dtype=np.float32)

    def error(self, rows: int, num_threads: int = 1, margin: int = 1) -> float:
        """The largest error, relative to the largest element; that nothing around `y` is written is asserted."""
        x, y = self.normal(rows, self.spec.in_features), self.normal(rows, self.spec.out_features)
        expected, (inner_x, _), (inner_y, around) = self.expected(x, y), surrounded(x, margin), surrounded(y, margin)
        self.call(inner_x, inner_y, num_threads)
        assert np.isnan(around).sum() == around.size - y.size
        return float(np.max(np.abs(inner_y - expected), initial=0) / np.max(np.abs(expected), initial=1e-30))

    def call(self, x: Array, y: Array, num_threads: int) -> None:
        """Compute `y`; the residual is the same memory."""
        size = matmul_workspace(self.spec, self.target, len(x), num_threads)
        assert isinstance(size, int)
        bias, residual = [self.bias] if self.spec.bias else [], [y] if self.spec.residual else []
        workspace, after = np.split(np.full(size + 64, np.nan, np.float32), [size])
        arguments = [x, panels(self.weights, self.target), *bias, *residual, y, workspace]
        barrier = np.zeros(16, np.int64)
        team = range(num_threads)
        self.functions.call(self.name, [[*arguments, thread, num_threads, barrier] for thread in team])
        assert np.isnan(after).all()

    def expected(self, x: Array, residual: Array) -> Array:
        """The same in float64."""
        products = [x.astype(np.float64) @ weight for weight in self.weights]
        value = ACTIVATIONS[self.spec.activation](products[0] + (self.bias if self.spec.bias else 0))
        value = value * products[1] if self.spec.gated else value
        return value + residual if self.spec.residual else value


def surrounded(x: Array, margin: int) -> tuple[Array, Array]:
    """A copy of `x` inside of an array of NaNs, and that array."""
    around = np.pad(x, margin, constant_values=np.nan)
    return around[margin : margin + x.shape[0], margin : margin + x.shape[1]], around


def panels(weights: Sequence[Array], target: KernelTarget) -> Array:
    """Weights as panels; those of gate and up alternate."""
    width = target.panel_width
    padded = [np.pad(weight, ((0, 0), (0, -weight.shape[1] % width))) for weight in weights]
    packed = [weight.reshape(len(weight), -1, width).swapaxes(0, 1) for weight in padded]
    return np.ascontiguousarray(np.stack(packed, axis=1).reshape(-1, *packed[0].shape[1:]))
