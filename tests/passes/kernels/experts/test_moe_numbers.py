"""Mixtures of experts against the reference in float64, on every target's code."""

from __future__ import annotations

import numpy as np
import pytest

from moe_kernels import Mixture, compiled_mixtures
from rlxc.dialects.rlx import Activation
from rlxc.passes.kernels.experts import MoeSpec
from rlxc.passes.kernels.target import TARGETS

SPECS = (
    MoeSpec(64, 48, experts=8, top_k=2, activation=Activation.SILU),
    MoeSpec(131, 37, experts=5, top_k=5, activation=Activation.GELU_TANH),
    MoeSpec(7, 3, experts=1, top_k=1, activation=Activation.RELU),
    MoeSpec(9, 600, experts=3, top_k=1, activation=Activation.GELU),
    MoeSpec(40, 70, experts=70, top_k=4, activation=Activation.SILU),
)

ROWS = (0, 1, 2, 3, 5, 8, 31, 130)

ACCURACY = 2e-6

THREADS = pytest.mark.parametrize("num_threads", [1, 2, 3])


@pytest.fixture(scope="module", params=TARGETS.values(), ids=list(TARGETS))
def mixtures(request: pytest.FixtureRequest) -> list[Mixture]:
    return compiled_mixtures(SPECS, request.param)


@THREADS
@pytest.mark.parametrize("index", range(len(SPECS)), ids=[spec.name for spec in SPECS])
def test_error(mixtures: list[Mixture], index: int, num_threads: int) -> None:
    mixture = mixtures[index]
    assert max(mixture.error(mixture.gates(rows), num_threads) for rows in ROWS) < ACCURACY


@THREADS
def test_all_rows_choose_the_same_experts(mixtures: list[Mixture], num_threads: int) -> None:
    gates = np.zeros((57, 8), np.float32)
    gates[:, [2, 7]] = 0.5, -1
    assert mixtures[0].error(gates, num_threads) < ACCURACY


@THREADS
def test_nobody_is_chosen(mixtures: list[Mixture], num_threads: int) -> None:
    x = np.full((9, 64), np.nan, np.float32)
    assert not mixtures[0].call(x, np.zeros((9, 8), np.float32), num_threads).any()


@THREADS
def test_some_rows_choose_none_or_fewer(mixtures: list[Mixture], num_threads: int) -> None:
    gates = mixtures[0].gates(41)
    gates[::3] = 0
    gates[1, np.flatnonzero(gates[1])[0]] = 0
    assert mixtures[0].error(gates, num_threads) < ACCURACY


@THREADS
@pytest.mark.parametrize("rows", [1, 2, 50])
def test_nan_stays_in_its_row(mixtures: list[Mixture], rows: int, num_threads: int) -> None:
    mixture = mixtures[0]
    x, gates = mixture.normal(rows, 64), mixture.gates(rows)
    gates[rows // 2] = np.nan
    found, others = mixture.call(x, gates, num_threads), np.arange(rows) != rows // 2
    assert np.isnan(found[rows // 2]).all()
    expected = mixture.expected(x[others], gates[others])
    np.testing.assert_allclose(found[others], expected, rtol=0, atol=ACCURACY * np.max(np.abs(expected), initial=1))


def test_any_number_of_threads_gives_the_same_bits(mixtures: list[Mixture]) -> None:
    for mixture in mixtures:
        for rows in (1, 50):
            x, gates = mixture.normal(rows, mixture.spec.features), mixture.gates(rows)
            results = {mixture.call(x, gates, threads).tobytes() for threads in (1, 1, 2, 2, 3, 5)}
            assert len(results) == 1


def test_weights_that_nobody_chose_are_not_read(mixtures: list[Mixture]) -> None:
    for mixture in mixtures:
        spec = mixture.spec
        gates = np.zeros((20, spec.experts), np.float32)
        gates[:, spec.experts // 2] = 1
        x = mixture.normal(20, spec.features)
        expected = mixture.call(x, gates, 2)
        kept = mixture.gate_up, mixture.down
        blocks = [weight.reshape(len(weight), spec.experts, -1).copy() for weight in kept]
        for block in blocks:
            block[:, np.arange(spec.experts) != spec.experts // 2] = np.nan
        mixture.gate_up, mixture.down = (block.reshape(len(block), -1) for block in blocks)
        np.testing.assert_array_equal(mixture.call(x, gates, 2), expected)
        mixture.gate_up, mixture.down = kept
