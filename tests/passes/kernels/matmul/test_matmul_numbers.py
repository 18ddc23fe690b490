"""Projections against NumPy in float64, on every target's code."""

from __future__ import annotations

import pytest

from projection_kernels import Projection, compiled_projections
from rlxc.dialects.rlx import Activation
from rlxc.passes.kernels.matmul import MatmulSpec
from rlxc.passes.kernels.target import TARGETS

ROWS = (0, 1, 2, 3, 4, 5, 7, 8, 9, 31, 128, 130)

SPECS = (
    MatmulSpec(64, 96),
    MatmulSpec(1031, 301, residual=True),
    MatmulSpec(517, 121, Activation.SILU, gated=True, residual=True),
    MatmulSpec(37, 5, Activation.GELU_TANH, bias=True, residual=True),
    MatmulSpec(3, 50, Activation.RELU, bias=True),
    MatmulSpec(1, 1, Activation.GELU),
    MatmulSpec(8192, 30),
)

ACCURACY = 2e-6


@pytest.fixture(scope="module", params=TARGETS.values(), ids=list(TARGETS))
def projections(request: pytest.FixtureRequest) -> list[Projection]:
    return compiled_projections(SPECS, request.param)


@pytest.mark.parametrize("num_threads", [1, 2, 3])
@pytest.mark.parametrize("index", range(len(SPECS)), ids=[spec.epilogue for spec in SPECS])
def test_error(projections: list[Projection], index: int, num_threads: int) -> None:
    assert max(projections[index].error(rows, num_threads) for rows in ROWS) < ACCURACY
