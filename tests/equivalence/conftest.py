"""Generated attention layers: every field of the stage in odd combinations, from a seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from rlxc import BuiltModel, ModelFlow
from rlxc.stages import (
    Linear,
    NamedRopeTables,
    RopeTables,
    SelfAttnPrefill,
    SelfAttnPrefillSpec,
    bias,
    padding,
    sliding,
)

Array = NDArray[Any]


@dataclass(frozen=True)
class Case:
    """A built layer and inputs for it."""

    built: BuiltModel
    inputs: dict[str, Array]


class CaseMaker:
    """Draws the fields of a layer; the same seed gives the same layer."""

    def __init__(self, seed: int):
        self.random = np.random.default_rng(seed)

    def pick(self, *choices: Any) -> Any:
        return choices[int(self.random.integers(len(choices)))]

    def array(self, *shape: int, scale: float = 1.0) -> Array:
        return (self.random.standard_normal(shape) * scale).astype(np.float32)

    def make(self) -> Case:
        batch, seq = self.pick(1, 2, 3), self.pick(1, 2, 3, 5, 8, 13, 24, 33, 70)
        hidden, heads = self.pick(32, 48, 64), self.pick(1, 2, 4, 6, 8)
        kv_heads = self.pick(*(n for n in range(1, heads + 1) if heads % n == 0))
        spec = self.spec(heads, kv_heads, seq)
        flow = ModelFlow("layer").input("x", ("B", "S", hidden))
        inputs = {"x": self.array(batch, seq, hidden)}
        if "Padding" in repr(spec.mask):
            flow = flow.input("mask", ("B", "S"), dtype="i1")
            inputs["mask"] = self.random.random((batch, seq)) < self.pick(0.0, 0.5, 0.9)
        if "Bias" in repr(spec.mask):
            bias_heads = self.pick(1, heads)
            flow = flow.input("bias", ("B", bias_heads, "S", "S"))
            inputs["bias"] = self.array(batch, bias_heads, seq, seq)
        flow = flow.stage(self.tables(spec)).stage(SelfAttnPrefill(spec))
        if self.pick(True, False):
            flow = flow.stage(Linear("l.self_attn.o_proj.weight", transpose=True))
        return Case(flow.build(self.weights(spec, hidden)), inputs)

    def spec(self, heads: int, kv_heads: int, seq: int) -> SelfAttnPrefillSpec:
        head_dim = self.pick(8, 16, 24, 32, 64, 128)
        spec = SelfAttnPrefillSpec.hf_layer(
            "l",
            num_heads=heads,
            head_dim=head_dim,
            num_kv_heads=kv_heads,
            rope_style=self.pick("half", "interleaved"),
            mask=self.mask(seq),
            score_scale=self.pick(None, 1.0 / head_dim, 0.3),
            attn_logit_softcap=self.pick(None, 1.0, 5.0, 50.0),
            q_norm_key=self.pick(None, "q_norm"),
            k_norm_key=self.pick(None, "k_norm"),
            v_norm=self.pick(False, True),
            norm_eps=self.pick(1e-6, 1e-5),
            norm_offset=self.pick(0.0, 1.0),
            bias=self.pick(False, True),
        )
        spec = spec.with_n_rot(self.pick(head_dim, head_dim // 2, 2))
        spec = spec.with_k_eq_v(self.pick(False, True))
        return spec.with_rope_table("global") if self.pick(False, True) else spec

    def mask(self, seq: int) -> Any:
        positional = self.pick("causal", "none", sliding(1), sliding(3), sliding(max(seq, 1)), sliding(7))
        return self.pick(positional, padding(positional), bias(positional), padding(bias(positional)))

    def tables(self, spec: SelfAttnPrefillSpec) -> Any:
        n_rot = spec.rotated
        theta = float(self.pick(1e4, 5e5))
        if spec.rope_table is not None:
            return NamedRopeTables(spec.rope_table, theta=theta, n_rot=n_rot, max_positions=80)
        angles: Array = np.outer(np.arange(80), theta ** (-np.arange(n_rot // 2) / (n_rot // 2)))
        return self.pick(
            RopeTables(theta=theta, n_rot=n_rot, max_positions=80),
            RopeTables.from_arrays(np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)),
        )

    def weights(self, spec: SelfAttnPrefillSpec, hidden: int) -> dict[str, Array]:
        features = {
            name: spec.head_dim * count
            for name, count in (("q", spec.num_heads), ("k", spec.num_kv_heads), ("v", spec.num_kv_heads))
        }
        weights = {
            f"l.self_attn.{n}_proj.weight": self.array(size, hidden, scale=hidden**-0.5) for n, size in features.items()
        }
        weights |= {f"l.self_attn.{n}_proj.bias": self.array(size, scale=0.2) for n, size in features.items()}
        weights |= {f"{n}_norm": 1 + self.array(spec.head_dim, scale=0.1) for n in "qk"}
        weights["l.self_attn.o_proj.weight"] = self.array(hidden, features["q"], scale=features["q"] ** -0.5)
        if self.pick(False, False, True):
            weights["l.self_attn.v_proj.weight"] = weights["l.self_attn.k_proj.weight"].copy()
        return weights


@pytest.fixture
def case(seed: int) -> Case:
    """The layer of a seed."""
    return CaseMaker(seed).make()
