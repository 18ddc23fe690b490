"""The configs of Gemma 2, 3 and 4. Much of them is not in the metadata, but follows from the family."""

from __future__ import annotations

from typing import Any

from rlxc.models.checkpoint.gguf.metadata import Metadata
from rlxc.models.checkpoint.gguf.rope import FREQUENCY_FACTORS, proportional
from rlxc.weights import WeightSource

Config = dict[str, Any]

SCALED_BY_HIDDEN = {"gemma2": 46, "gemma3": 62}
"""The number of layers of the 27B models, whose attention is scaled by hidden size / heads instead of head size."""


def sandwich(metadata: Metadata, found: Config, config: Config) -> Config:
    """What the configs of Gemma 2 and 3 have. Their files hold `1 + w` for the norm weights `w`."""
    layers, heads = config["num_hidden_layers"], found["num_attention_heads"]
    by_hidden = layers == SCALED_BY_HIDDEN[metadata.architecture]
    del found["hidden_act"]
    return found | {
        "hidden_activation": "gelu_pytorch_tanh",
        "query_pre_attn_scalar": config["hidden_size"] // heads if by_hidden else found["head_dim"],
        "sliding_window": metadata.integer("attention.sliding_window", 4096),
        "norm_weight_offset": 0.0,
        **softcaps(metadata),
    }


def softcaps(metadata: Metadata) -> Config:
    """The bounds of logits."""
    keys = {"attn_logit_softcapping", "final_logit_softcapping"}
    return {key: metadata.number(key) for key in sorted(keys) if metadata.has(key)}


def gemma2(metadata: Metadata, found: Config, config: Config) -> Config:
    """Gemma 2: every other layer has a window."""
    return sandwich(metadata, found, config) | {"layer_types": layer_types(config["num_hidden_layers"], 2)}


def gemma3(metadata: Metadata, found: Config, config: Config) -> Config:
    """Gemma 3: every sixth layer has no window, and rotates more slowly."""
    pattern = metadata.integer("attention.sliding_window_pattern", 6)
    local = {"rope_type": "default", "rope_theta": metadata.number("rope.freq_base_swa", 10000.0)}
    rope = found["rope_parameters"] | {"rope_theta": metadata.number("rope.freq_base", 1000000.0)}
    return sandwich(metadata, found, config) | {
        "model_type": "gemma3_text",
        "layer_types": layer_types(config["num_hidden_layers"], pattern),
        "rope_parameters": {"full_attention": rope, "sliding_attention": local},
    }


def layer_types(layers: int, pattern: int) -> list[str]:
    """Every `pattern`-th layer attends to all tokens."""
    kinds = ("full_attention", "sliding_attention")
    return [kinds[pattern < 1 or (layer + 1) % pattern != 0] for layer in range(layers)]


def gemma4(metadata: Metadata, weights: WeightSource, config: Config) -> Config:
    """Gemma 4: layers of two kinds, which differ in head size, K/V heads and rotation."""
    layers = config["num_hidden_layers"]
    sliding = [bool(one) for one in metadata.per_layer("attention.sliding_window_pattern", layers)]
    kv_heads = metadata.per_layer("attention.head_count_kv", layers)
    shared = metadata.integer("attention.shared_kv_layers", 0)
    own = [layer for layer in range(layers - shared) if not sliding[layer]]
    head_dim = metadata.integer("attention.key_length")
    found: Config = {
        "model_type": "gemma4_text",
        "num_attention_heads": metadata.integer("attention.head_count"),
        "num_key_value_heads": next((n for n, one in zip(kv_heads, sliding, strict=True) if one), kv_heads[0]),
        "num_global_key_value_heads": next((n for n, one in zip(kv_heads, sliding, strict=True) if not one), None),
        "head_dim": metadata.integer("attention.key_length_swa", head_dim),
        "global_head_dim": head_dim,
        "attention_k_eq_v": any(f"model.layers.{n}.self_attn.v_proj.weight" not in weights.keys() for n in own),
        "num_kv_shared_layers": shared,
        "layer_types": ["sliding_attention" if one else "full_attention" for one in sliding],
        "sliding_window": metadata.integer("attention.sliding_window"),
        "hidden_activation": "gelu_pytorch_tanh",
        "rms_norm_eps": metadata.number("attention.layer_norm_rms_epsilon"),
        **softcaps(metadata),
    }
    return found | gemma4_rope(metadata, weights) | gemma4_mlp(metadata, weights, layers)


def gemma4_rope(metadata: Metadata, weights: WeightSource) -> Config:
    """Rotation by kind of layer."""
    theta = metadata.number("rope.freq_base", 1000000.0)
    full = proportional(weights, theta)
    local = {"rope_type": "default", "rope_theta": metadata.number("rope.freq_base_swa", 10000.0)}
    rope = {"full_attention": full or {"rope_type": "default", "rope_theta": theta}, "sliding_attention": local}
    return {"rope_parameters": rope} | ({} if full else {"rope_factors_key": FREQUENCY_FACTORS})


def gemma4_mlp(metadata: Metadata, weights: WeightSource, layers: int) -> Config:
    """Sizes of the MLP, experts and per-layer embeddings."""
    sizes = metadata.per_layer("feed_forward_length", layers)
    found: Config = {
        "intermediate_size": sizes[0],
        "use_double_wide_mlp": sizes[-1] == 2 * sizes[0],
        "hidden_size_per_layer_input": metadata.integer("embedding_length_per_layer_input", 0),
    }
    if (table := "model.embed_tokens_per_layer.weight") in weights.keys():
        found["vocab_size_per_layer_input"] = weights.shape(table)[0]
    if metadata.integer("expert_count", 0):
        found |= {
            "enable_moe_block": True,
            "num_experts": metadata.integer("expert_count"),
            "top_k_experts": metadata.integer("expert_used_count"),
            "moe_intermediate_size": metadata.integer("expert_feed_forward_length"),
        }
    return found
