"""Projections against NumPy in float64."""

from __future__ import annotations

from collections.abc import Callable
from math import erf, pi, sqrt

import numpy as np
import pytest

from compiled_kernels import Array, CompiledKernels
from rlxc.dialects.rlx import Activation
from rlxc.passes.kernels.matmul import MatmulSpec, matmul_functions, matmul_workspace
from rlxc.passes.kernels.target import TARGETS, KernelTarget

ROWS = (0, 1, 2, 3, 4, 5, 7, 8, 9, 31, 128, 130)

SPECS = (
    MatmulSpec(64, 96),
    MatmulSpec(301, 101, residual=True),
    MatmulSpec(1031, 71, Activation.SILU, gated=True, residual=True),
    MatmulSpec(37, 5, Activation.GELU_TANH, bias=True, residual=True),
    MatmulSpec(3, 50, Activation.RELU, bias=True),
    MatmulSpec(1, 1, Activation.SILU),
)

ACTIVATIONS: dict[Activation | None, Callable[[Array], Array]] = {
    None: lambda x: x,
    Activation.SILU: lambda x: x / (1 + np.exp(-x)),
    Activation.GELU: lambda x: x / 2 * (1 + np.vectorize(erf, otypes=[float])(x / sqrt(2))),
    Activation.GELU_TANH: lambda x: x / 2 * (1 + np.tanh(sqrt(2 / pi) * (x + 0.044715 * x**3))),
    Activation.RELU: lambda x: np.maximum(x, 0),
}


class Projection:
    """The kernel of a spec, with weights, called on arrays that are parts of larger ones."""

    def __init__(self, kernels: CompiledKernels, spec: MatmulSpec, target: KernelTarget):
        self.kernels, self.spec, self.target = kernels, spec, target
        self.random = np.random.default_rng(spec.in_features)
        k, n = spec.in_features, spec.out_features
        self.weights = [self.normal(k, n) / np.float32(sqrt(k)) for _ in range(spec.weights)]
        self.bias = self.normal(n)

    def normal(self, *shape: int) -> Array:
        """Random numbers."""
        return self.random.standard_normal(shape, dtype=np.float32)

    def error(self, rows: int) -> float:
        """The largest error, relative to the largest element; nothing around `y` may be written."""
        x, y = self.normal(rows, self.spec.in_features), self.normal(rows, self.spec.out_features)
        expected = self.expected(x, y)
        around = surrounded(y)
        self.call(surrounded(x)[1:-1, 1:-1], around[1:-1, 1:-1], expected.shape[0])
        assert np.isnan(around).sum() == around.size - y.size
        return float(np.max(np.abs(around[1:-1, 1:-1] - expected), initial=0) / np.max(np.abs(expected), initial=1e-30))

    def call(self, x: Array, y: Array, rows: int) -> None:
        """Compute `y`; the residual is the same memory."""
        size = matmul_workspace(self.spec, self.target, rows, 1)
        assert isinstance(size, int)
        workspace = np.full(size, np.nan, np.float32)
        arguments = [x, panels(self.weights, self.target), *([self.bias] if self.spec.bias else [])]
        arguments += [*([y] if self.spec.residual else []), y, workspace]
        self.kernels.call(matmul_functions(self.spec, self.target)[0].sym_name.data, arguments)

    def expected(self, x: Array, residual: Array) -> Array:
        """The same in float64."""
        products = [x.astype(np.float64) @ weight for weight in self.weights]
        value = ACTIVATIONS[self.spec.activation](products[0] + (self.bias if self.spec.bias else 0))
        value = value * products[1] if self.spec.gated else value
        return value + residual if self.spec.residual else value


def surrounded(x: Array) -> Array:
    """`x` with NaNs around it."""
    return np.pad(x, 1, constant_values=np.nan)


def panels(weights: list[Array], target: KernelTarget) -> Array:
    """Weights as panels; those of gate and up alternate."""
    width = target.panel_width
    padded = [np.pad(weight, ((0, 0), (0, -weight.shape[1] % width))) for weight in weights]
    packed = [weight.reshape(len(weight), -1, width).swapaxes(0, 1) for weight in padded]
    return np.ascontiguousarray(np.stack(packed, axis=1).reshape(-1, *packed[0].shape[1:]))


@pytest.fixture(scope="module", params=TARGETS.values(), ids=list(TARGETS))
def projections(request: pytest.FixtureRequest) -> list[Projection]:
    """The kernels of all specs for one target, on this machine."""
    target: KernelTarget = request.param
    kernels = CompiledKernels([matmul_functions(spec, target) for spec in SPECS])
    return [Projection(kernels, spec, target) for spec in SPECS]


@pytest.mark.parametrize("index", range(len(SPECS)), ids=[spec.epilogue for spec in SPECS])
def test_error(projections: list[Projection], index: int) -> None:
    assert max(projections[index].error(rows) for rows in ROWS) < 2e-6
