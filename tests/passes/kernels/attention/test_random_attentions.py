"""Attentions with any combination of options, on any sizes."""

from __future__ import annotations

import random

import pytest

from attention_kernels import CompiledAttentions, Operands, Sizes, assert_close, run
from rlxc.dialects.rlx.attributes import MaskKind, RopeStyle
from rlxc.passes.kernels.attention import AttentionSpec
from rlxc.passes.kernels.target import TARGETS


def random_spec(choose: random.Random) -> AttentionSpec:
    """Any attention."""
    kv_heads, group = choose.choice([1, 2, 3]), choose.choice([1, 2, 3, 4, 5, 8, 16])
    head_dim = choose.choice([8, 12, 24, 33, 64, 72, 96, 128])
    mask = choose.choice(list(MaskKind))
    return AttentionSpec(
        kv_heads * group,
        kv_heads,
        head_dim,
        choose.choice([head_dim**-0.5, 0.3, -0.2, 0.0]),
        softcap=choose.choice([None, 0.5, 20.0]),
        mask=mask,
        window=choose.choice([1, 5, 33, 200]) if mask == MaskKind.SLIDING else None,
        n_rot=choose.choice([None, 2, head_dim // 4 * 2, head_dim // 2 * 2]),
        rope_style=choose.choice(list(RopeStyle)),
        shared_kv=choose.random() < 0.3,
        padding=choose.random() < 0.3,
        bias_heads=choose.choice([0, 0, 1, kv_heads * group]),
        k_gain=choose.random() < 0.3,
    )


def random_sizes(choose: random.Random, spec: AttentionSpec) -> Sizes:
    """Any sizes that the attention may have."""
    q_len, kv_len = choose.choice([1, 2, 3, 7, 33, 130]), choose.choice([1, 5, 24, 97, 130, 260])
    kv_length = choose.choice([kv_len, choose.randint(0, kv_len)])
    aligned, free = kv_length - q_len, choose.randint(0, kv_len + 20)
    offset = aligned if aligned >= 0 or not spec.n_rot else free
    return Sizes(choose.randint(1, 3), q_len, kv_len, kv_length, choose.choice([offset, free]))


SPECS = [random_spec(random.Random(seed)) for seed in range(12)]


@pytest.fixture(scope="module")
def kernels() -> CompiledAttentions:
    return CompiledAttentions(SPECS, TARGETS["avx2"])


@pytest.mark.parametrize("seed", range(len(SPECS)))
def test_random_attention(kernels: CompiledAttentions, seed: int) -> None:
    choose, spec = random.Random(seed), SPECS[seed]
    for _ in range(10):
        sizes = random_sizes(choose, spec)
        operands = Operands(spec, sizes, seed)
        found = run(kernels, spec, operands, threads=choose.randint(1, 3))
        assert_close(found, operands.expected(), f"{spec}, {sizes}")
