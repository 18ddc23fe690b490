"""Scores at the ends of float32, long sequences, and the same result again and again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from attention_kernels import Array, CompiledAttentions, Operands, Sizes, assert_close, run
from rlxc.dialects.rlx.attributes import MaskKind
from rlxc.passes.kernels.attention import AttentionSpec, attention_workspace
from rlxc.passes.kernels.target import TARGETS

LOWEST = np.finfo(np.float32).min

BIASED = AttentionSpec(4, 2, 16, 0.25, bias_heads=1)
LONG = AttentionSpec(4, 1, 32, 32**-0.5, mask=MaskKind.CAUSAL)


@pytest.fixture(scope="module")
def kernels() -> CompiledAttentions:
    return CompiledAttentions([BIASED, LONG], TARGETS["avx2"])


def biased(kernels: CompiledAttentions, q_len: int, bias: Array) -> tuple[Array, Array]:
    """What comes out with a bias, and what should."""
    operands = Operands(BIASED, Sizes(1, q_len, 120, 120, 0), seed=1)
    operands.inputs = replace(operands.inputs, bias=bias)
    return run(kernels, BIASED, operands, threads=2), operands.expected()


@pytest.mark.parametrize("q_len", [2, 40])
def test_a_bias_of_minus_infinity_hides_keys(kernels: CompiledAttentions, q_len: int) -> None:
    bias = np.zeros((1, 1, q_len, 120), np.float32)
    bias[:, :, 0], bias[:, :, 1, 7:] = -np.inf, -np.inf
    found, expected = biased(kernels, q_len, bias)
    assert_close(found, expected)
    assert (found[0, 0] == 0).all()


@pytest.mark.parametrize("q_len", [2, 40])
def test_keys_with_the_lowest_finite_bias_are_equally_good(kernels: CompiledAttentions, q_len: int) -> None:
    bias = np.zeros((1, 1, q_len, 120), np.float32)
    bias[:, :, 0] = LOWEST
    found, _ = biased(kernels, q_len, bias)
    values = Operands(BIASED, Sizes(1, q_len, 120, 120, 0), seed=1).inputs.v.reshape(120, 2, 16)
    expected = values.mean(0, dtype=np.float64).repeat(2, 0).ravel()
    np.testing.assert_allclose(found[0, 0], expected, rtol=0, atol=1e-6)


def test_long(kernels: CompiledAttentions) -> None:
    operands = Operands(LONG, Sizes(1, 4096, 4096, 4096, 0), seed=2)
    assert_close(run(kernels, LONG, operands, threads=2), operands.expected())


@pytest.mark.parametrize("sizes", [Sizes(2, 100, 300, 300, 200), Sizes(2, 2, 300, 300, 298)], ids=["many", "few"])
def test_equal_bit_for_bit(kernels: CompiledAttentions, sizes: Sizes) -> None:
    operands = Operands(LONG, sizes, seed=2)
    first = run(kernels, LONG, operands, threads=3)
    for _ in range(20):
        np.testing.assert_array_equal(run(kernels, LONG, operands, threads=3), first)


def test_workspace_for_few_queries_does_not_grow_with_the_keys() -> None:
    sizes = [attention_workspace(LONG, TARGETS["avx2"], 1, 1, kv_len, 2) for kv_len in (10, 100_000)]
    assert sizes[0] == sizes[1]
