"""Layers computed by Hugging Face transformers, and a small attention to build flows of."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from rlxc.stages import RopeTables, SelfAttnPrefillSpec

Array = NDArray[Any]

LAYERS = Path(__file__).parents[1] / "data" / "layers"
HIDDEN = 64


@dataclass(frozen=True)
class HfLayer:
    """One layer: its weights as `layer.NAME`, its input, and what transformers computes."""

    config: dict[str, Any]
    scale: float
    tolerance: float
    weights: dict[str, Array]
    arrays: dict[str, Array]

    @property
    def hidden(self) -> Array:
        """The input of the layer, `[B, S, HIDDEN]`."""
        return self.arrays["in/hidden"].astype(np.float32)

    @property
    def rope(self) -> RopeTables:
        """The rope tables; the file has both (equal) halves."""
        cos, sin = self.arrays["in/cos"][0], self.arrays["in/sin"][0]
        half = cos.shape[1] // 2
        assert np.array_equal(cos[:, :half], cos[:, half:])
        return RopeTables.from_arrays(cos[:, :half], sin[:, :half])

    def expected(self, name: str) -> Array:
        """`attn`, the output of the attention block, or `hidden`, that of the layer; in float64 if there is one."""
        return self.arrays.get(f"out64/{name}", self.arrays[f"out/{name}"])

    def __getitem__(self, field: str) -> Any:
        """A field of the config."""
        return self.config[field]


@pytest.fixture(scope="session")
def hf_layer() -> Callable[[str], HfLayer]:
    """A layer by the name of its file."""

    def load(name: str) -> HfLayer:
        with np.load(LAYERS / f"{name}.npz") as archive:
            arrays = dict(archive)
        about = json.loads((LAYERS / f"{name}.json").read_text())
        weights = {f"layer.{key[2:]}": value for key, value in arrays.items() if key.startswith("w/")}
        return HfLayer(about["config"], about["attention_scale"], about["tolerance_f32"], weights, arrays)

    return load


@pytest.fixture
def spec() -> SelfAttnPrefillSpec:
    """Four query heads of 16 components on two K/V heads."""
    return SelfAttnPrefillSpec.hf_layer("model.layers.0", num_heads=4, head_dim=16, num_kv_heads=2)


@pytest.fixture
def weights() -> dict[str, Array]:
    """Random weights of a layer with `spec` and all its extras."""
    rng = np.random.default_rng(7)
    shapes = {
        "self_attn.q_proj.weight": (64, HIDDEN),
        "self_attn.k_proj.weight": (32, HIDDEN),
        "self_attn.v_proj.weight": (32, HIDDEN),
        "self_attn.o_proj.weight": (HIDDEN, 64),
        "self_attn.q_proj.bias": (64,),
        "self_attn.k_proj.bias": (32,),
        "self_attn.v_proj.bias": (32,),
        "self_attn.q_norm.weight": (16,),
        "self_attn.k_norm.weight": (16,),
        "mlp.gate_proj.weight": (96, HIDDEN),
        "mlp.up_proj.weight": (96, HIDDEN),
        "mlp.down_proj.weight": (HIDDEN, 96),
        "norm.weight": (HIDDEN,),
        "norm.bias": (HIDDEN,),
    }
    return {
        f"model.layers.0.{name}": rng.standard_normal(shape).astype(np.float32) / 8 for name, shape in shapes.items()
    }
