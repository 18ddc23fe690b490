"""Attention kernels of each target, on this machine, against the formulas in float64."""

from __future__ import annotations

import pytest

from attention_kernels import CompiledAttentions, Operands, Sizes, assert_close, run
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
    "wide": AttentionSpec(
        8, 1, 256, 0.0625, softcap=30.0, mask=CAUSAL, n_rot=64, shared_kv=True, padding=True, bias_heads=1
    ),
}

SIZES = {
    "one token": Sizes(1, 1, 1, 1, 0),
    "short": Sizes(2, 7, 7, 7, 0),
    "later queries": Sizes(1, 33, 130, 130, 97),
    "few valid keys": Sizes(3, 130, 130, 101, 0),
    "decoding": Sizes(2, 2, 300, 201, 199),
    "queries before all keys": Sizes(1, 33, 20, 20, -13),
    "few queries before all keys": Sizes(2, 3, 1, 1, -2),
    "no key": Sizes(1, 7, 40, 0, 5),
    "queries far after all keys": Sizes(1, 5, 9, 9, 100),
    "no query": Sizes(2, 0, 9, 9, 9),
    "no batch": Sizes(0, 40, 40, 40, 0),
}


@pytest.fixture(scope="module", params=TARGETS.values(), ids=list(TARGETS))
def kernels(request: pytest.FixtureRequest) -> CompiledAttentions:
    target: KernelTarget = request.param
    return CompiledAttentions(list(SPECS.values()), target)


@pytest.mark.parametrize("spec", SPECS.values(), ids=list(SPECS))
def test_sizes(kernels: CompiledAttentions, spec: AttentionSpec) -> None:
    for name, sizes in SIZES.items():
        if spec.n_rot and sizes.offset < 0:
            continue
        operands = Operands(spec, sizes, seed=3)
        expected = operands.expected()
        for threads in (1, 2, 3):
            assert_close(run(kernels, spec, operands, threads), expected, f"{name}, {threads} threads")
