"""Attention kernels against the formulas in float64."""

from __future__ import annotations

import numpy as np
import pytest

from attention_kernels import CompiledAttentions, Operands, Sizes, run
from rlxc.dialects.rlx.attributes import MaskKind, RopeStyle
from rlxc.passes.kernels.attention import AttentionSpec
from rlxc.passes.kernels.target import TARGETS, KernelTarget

CAUSAL, SLIDING = MaskKind.CAUSAL, MaskKind.SLIDING

SPECS = {
    "causal, rope": AttentionSpec(8, 2, 64, 0.125, mask=CAUSAL, n_rot=32),
    "group of 3, interleaved rope, softcap, window": AttentionSpec(
        3, 1, 24, 0.3, softcap=2.0, mask=SLIDING, window=9, n_rot=10, rope_style=RopeStyle.INTERLEAVED
    ),
    "shared values, gain, padding, bias": AttentionSpec(
        4, 4, 20, -0.4, shared_kv=True, padding=True, bias_heads=4, k_gain=True
    ),
    "group of 8, bias of one head": AttentionSpec(8, 1, 64, 0.125, mask=CAUSAL, n_rot=64, bias_heads=1, k_gain=True),
    "wide": AttentionSpec(
        2, 1, 256, 0.0625, softcap=30.0, mask=CAUSAL, n_rot=64, shared_kv=True, padding=True, k_gain=True
    ),
    "narrow, window": AttentionSpec(16, 16, 8, 1.0, mask=SLIDING, window=40),
}

SIZES = {
    "one token": Sizes(1, 1, 1, 1, 0),
    "short": Sizes(2, 7, 7, 7, 0),
    "later queries": Sizes(1, 33, 130, 130, 97),
    "few valid keys": Sizes(3, 130, 130, 101, 0),
    "decoding": Sizes(2, 2, 300, 201, 199),
    "queries before all keys": Sizes(1, 33, 20, 20, -13),
    "no key": Sizes(1, 7, 40, 0, 5),
    "queries far after all keys": Sizes(1, 5, 9, 9, 100),
    "no query": Sizes(2, 0, 9, 9, 9),
}


@pytest.fixture(scope="module", params=TARGETS.values(), ids=list(TARGETS))
def kernels(request: pytest.FixtureRequest) -> CompiledAttentions:
    target: KernelTarget = request.param
    return CompiledAttentions(list(SPECS.values()), target)


@pytest.mark.parametrize("sizes", SIZES.values(), ids=list(SIZES))
@pytest.mark.parametrize("spec", SPECS.values(), ids=list(SPECS))
def test_error(kernels: CompiledAttentions, spec: AttentionSpec, sizes: Sizes) -> None:
    if spec.n_rot and sizes.offset < 0:
        return
    operands = Operands(spec, sizes, seed=3)
    expected = operands.expected()
    for threads in (1, 2, 3):
        assert_close(run(kernels, spec, operands, threads), expected)


def assert_close(found: np.ndarray, expected: np.ndarray) -> None:
    """Within 2e-6 of the largest element; never NaN."""
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found, expected, rtol=0, atol=2e-6 * np.max(np.abs(expected), initial=1e-30))
