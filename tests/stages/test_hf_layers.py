"""Layers of many families, built of stages, against Hugging Face transformers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import rlxc
from rlxc.stages import (
    GeGlu,
    LayerNorm,
    Linear,
    ResidualAdd,
    ResidualSave,
    RmsNorm,
    SelfAttnPrefill,
    SelfAttnPrefillSpec,
    Stage,
    SwiGlu,
    sliding,
)

Array = NDArray[Any]
Load = Callable[[str], Any]

TARGETS = ("reference", "numpy", "native")
QK_NORM = {"q_norm_key": "layer.self_attn.q_norm.weight", "k_norm_key": "layer.self_attn.k_norm.weight"}


def plain(layer: Any, **fields: Any) -> SelfAttnPrefillSpec:
    """The attention of Llama."""
    return SelfAttnPrefillSpec.hf_layer(
        "layer",
        num_heads=layer["num_attention_heads"],
        head_dim=layer.config.get("head_dim", 16),
        num_kv_heads=layer.config.get("num_key_value_heads"),
        **{"n_rot": layer.rope.cos.shape[1] * 2, "score_scale": layer.scale, "norm_eps": eps(layer), **fields},
    )


def gemma2(layer: Any) -> SelfAttnPrefillSpec:
    cap, window = layer["attn_logit_softcapping"], layer["sliding_window"]
    return plain(layer, attn_logit_softcap=cap, mask=sliding(window))


def gemma4_full(layer: Any) -> SelfAttnPrefillSpec:
    """V is K before norm and rope; the rope tables are as wide as a head, and leave its tail alone."""
    full = layer["per_layer_config"]["1"]
    spec = replace(plain(layer, n_rot=None), head_dim=full["head_dim"], num_kv_heads=full["num_key_value_heads"])
    return replace(spec, v_key=None, k_eq_v=True, v_norm=True, **QK_NORM)


SPECS: dict[str, Callable[[Any], SelfAttnPrefillSpec]] = {
    "llama_tiny": plain,
    "llama_tiny_batch2": plain,
    "qwen2_tiny": lambda layer: plain(layer, bias=True),
    "qwen3_tiny": lambda layer: plain(layer, **QK_NORM),
    "mistral_tiny_sliding": lambda layer: plain(layer, mask=sliding(layer["sliding_window"])),
    "phi3_tiny": plain,
    "gemma2_tiny_sliding": gemma2,
    "gemma3_tiny_full": lambda layer: plain(layer, norm_offset=1.0, **QK_NORM),
    "gemma4_tiny_dense_full_keqv": gemma4_full,
    "gptneox_tiny": lambda layer: plain(layer, bias=True),
}
LAYERS = tuple(name for name in SPECS if name not in ("gemma4_tiny_dense_full_keqv", "gptneox_tiny"))
WHOLE_LAYERS = (
    *((name, target) for name in LAYERS for target in ("reference", "numpy")),
    ("llama_tiny", "native"),
    ("qwen3_tiny", "native"),
)


def eps(layer: Any) -> float:
    return layer.config.get("rms_norm_eps", 1e-6)


def weights_of(name: str, layer: Any) -> dict[str, Array]:
    """The weights, with merged projections taken apart."""
    weights = dict(layer.weights)
    if name == "phi3_tiny":
        q, k, v = np.split(weights["layer.self_attn.qkv_proj.weight"], [64, 96])
        gate, up = np.split(weights["layer.mlp.gate_up_proj.weight"], 2)
        weights |= {f"layer.self_attn.{n}_proj.weight": w for n, w in zip("qkv", (q, k, v), strict=True)}
        weights |= {"layer.mlp.gate_proj.weight": gate, "layer.mlp.up_proj.weight": up}
    if name == "gptneox_tiny":
        for kind in ("weight", "bias"):
            by_head = weights[f"layer.attention.query_key_value.{kind}"].reshape(4, 3, 16, -1)
            for index, projection in enumerate("qkv"):
                rows = by_head[:, index].reshape(64, -1)
                weights[f"layer.self_attn.{projection}_proj.{kind}"] = rows if kind == "weight" else rows[:, 0]
    return weights


def attention_block(name: str, layer: Any) -> list[Stage]:
    """The norm before attention, attention, and the output projection."""
    attention = SelfAttnPrefill(SPECS[name](layer))
    if name == "gptneox_tiny":
        norm = LayerNorm("layer.input_layernorm.weight", "layer.input_layernorm.bias", layer["layer_norm_eps"])
        output = Linear("layer.attention.dense.weight", bias_key="layer.attention.dense.bias")
        return [norm, attention, output]
    return [rms_norm(name, layer, "input_layernorm"), attention, Linear("layer.self_attn.o_proj.weight")]


def rms_norm(name: str, layer: Any, norm: str) -> RmsNorm:
    offset = 1.0 if name.startswith(("gemma2", "gemma3")) else 0.0
    return RmsNorm(f"layer.{norm}.weight", eps(layer), offset)


def whole_layer(name: str, layer: Any) -> list[Stage]:
    """Two residual blocks; Gemma also normalises what each block adds."""
    if not name.startswith("gemma"):
        before_mlp, after_attention, after_mlp, mlp = "post_attention_layernorm", [], [], SwiGlu.hf_mlp("layer")
    else:
        before_mlp, mlp = "pre_feedforward_layernorm", GeGlu.hf_mlp("layer")
        after_attention = [rms_norm(name, layer, "post_attention_layernorm")]
        after_mlp = [rms_norm(name, layer, "post_feedforward_layernorm")]
    attention = [ResidualSave(), *attention_block(name, layer), *after_attention, ResidualAdd()]
    return [*attention, ResidualSave(), rms_norm(name, layer, before_mlp), mlp, *after_mlp, ResidualAdd()]


def error(name: str, layer: Any, stages: list[Stage], output: str, target: Any) -> float:
    """The largest difference from what transformers computes."""
    flow = rlxc.ModelFlow("layer").input("x", ("B", "S", 64)).stage(layer.rope).stages(stages)
    y = rlxc.compile(flow.build(weights_of(name, layer)), target)(layer.hidden)
    assert isinstance(y, np.ndarray)
    assert y.dtype == np.float32
    return float(np.max(np.abs(y - layer.expected(output))))


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", SPECS)
def test_attention(hf_layer: Load, name: str, target: str) -> None:
    layer = hf_layer(name)
    assert error(name, layer, attention_block(name, layer), "attn", target) <= layer.tolerance


@pytest.mark.parametrize(("name", "target"), WHOLE_LAYERS)
def test_whole_layer(hf_layer: Load, name: str, target: str) -> None:
    layer = hf_layer(name)
    assert error(name, layer, whole_layer(name, layer), "hidden", target) <= layer.tolerance
