"""Phi-3: Llama whose projections are stored as one tensor for Q, K and V, and one for gate and up."""

from __future__ import annotations

from dataclasses import replace

from rlxc.models.config import DecoderConfig, LayerConfig
from rlxc.models.recipes.fused_weights import Rows
from rlxc.models.recipes.llama import LLAMA
from rlxc.weights import WeightSource
from rlxc.weights.divided import DividedWeights


def weights(config: DecoderConfig, source: WeightSource) -> WeightSource:
    """The projections under the names of Llama."""
    parts: dict[str, Rows] = {}
    for number, layer in enumerate(config.layers):
        parts |= projections(layer, f"model.layers.{number}")
    return DividedWeights(source, parts)


def projections(layer: LayerConfig, name: str) -> dict[str, Rows]:
    """The rows `q | k | v` and `gate | up` of a layer."""
    attention, width = layer.attention, layer.mlp.width
    q, kv = attention.num_heads * attention.head_dim, attention.num_kv_heads * attention.head_dim
    qkv, gate_up = f"{name}.self_attn.qkv_proj.weight", f"{name}.mlp.gate_up_proj.weight"
    return {
        f"{name}.self_attn.q_proj.weight": Rows(qkv, 0, q, q + 2 * kv),
        f"{name}.self_attn.k_proj.weight": Rows(qkv, q, kv, q + 2 * kv),
        f"{name}.self_attn.v_proj.weight": Rows(qkv, q + kv, kv, q + 2 * kv),
        f"{name}.mlp.gate_proj.weight": Rows(gate_up, 0, width, 2 * width),
        f"{name}.mlp.up_proj.weight": Rows(gate_up, width, width, 2 * width),
    }


PHI3 = replace(LLAMA, weights=weights)
