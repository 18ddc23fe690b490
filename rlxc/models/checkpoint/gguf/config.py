"""From the metadata of a GGUF file to the config that Hugging Face has for the model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rlxc.models.checkpoint.gguf.gemma import gemma2, gemma3, gemma4
from rlxc.models.checkpoint.gguf.metadata import Metadata
from rlxc.models.checkpoint.gguf.rope import FREQUENCY_FACTORS, rope_parameters
from rlxc.weights import WeightSource

Config = dict[str, Any]

SPECIAL_TOKENS = {"bos_token_id": "bos_token_id", "eos_token_id": "eos_token_id", "pad_token_id": "padding_token_id"}


def config_of(metadata: Metadata, weights: WeightSource, embedding: str) -> Config:
    """The config of a model; `embedding` is the name of the table of token embeddings."""
    config = common(metadata, weights, embedding)
    return config | FAMILIES[metadata.architecture](metadata, weights, config)


def common(metadata: Metadata, weights: WeightSource, embedding: str) -> Config:
    """What the configs of all families have."""
    hidden = metadata.integer("embedding_length")
    config: Config = {
        "model_type": metadata.architecture,
        "hidden_size": hidden,
        "num_hidden_layers": metadata.layers(),
        "vocab_size": weights.shape(embedding)[0],
        "max_position_embeddings": metadata.integer("context_length"),
        "tie_word_embeddings": not {"lm_head.weight", "embed_out.weight"} & set(weights.keys()),
    }
    for name, key in SPECIAL_TOKENS.items():
        if isinstance(found := metadata.values.get(f"tokenizer.ggml.{key}"), int):
            config[name] = found
    return config


def decoder(metadata: Metadata, weights: WeightSource, config: Config) -> Config:
    """What the configs of Llama and its relatives have."""
    heads = metadata.integer("attention.head_count")
    if heads < 1:
        raise metadata.error("attention.head_count", f"is {heads}, expected at least 1")
    head_dim = metadata.integer("attention.key_length", config["hidden_size"] // heads)
    return {
        "num_attention_heads": heads,
        "num_key_value_heads": metadata.integer("attention.head_count_kv", heads),
        "head_dim": head_dim,
        "intermediate_size": metadata.integer("feed_forward_length"),
        "hidden_act": "silu",
        "rms_norm_eps": metadata.number("attention.layer_norm_rms_epsilon"),
        "rope_parameters": rope_parameters(metadata, weights, head_dim),
        "partial_rotary": True,
    } | ({"rope_factors_key": FREQUENCY_FACTORS} if FREQUENCY_FACTORS in weights.keys() else {})


def llama(metadata: Metadata, weights: WeightSource, config: Config) -> Config:
    """Llama, Mistral (with a window) and Mixtral (with experts): one architecture for GGUF."""
    found = decoder(metadata, weights, config)
    has = weights.keys().__contains__
    found["attention_bias"] = has("model.layers.0.self_attn.o_proj.bias")
    found["mlp_bias"] = has("model.layers.0.mlp.down_proj.bias")
    if metadata.integer("expert_count", 0):
        used = metadata.integer("expert_used_count")
        experts = {"num_local_experts": metadata.integer("expert_count"), "num_experts_per_tok": used}
        return found | experts | {"model_type": "mixtral"} | window(metadata)
    if window(metadata):
        return found | {"model_type": "mistral"} | window(metadata)
    return found


def qwen(metadata: Metadata, weights: WeightSource, config: Config) -> Config:
    """Qwen2 and Qwen3, dense: their files have no window."""
    return decoder(metadata, weights, config) | {"use_sliding_window": False}


def qwen_moe(metadata: Metadata, weights: WeightSource, config: Config) -> Config:
    """Qwen2-MoE and Qwen3-MoE. Whether the weights of experts are made to sum to one is not in the file."""
    qwen3 = metadata.architecture == "qwen3moe"
    count = config["num_hidden_layers"]
    dense = [layer for layer in range(count) if f"model.layers.{layer}.mlp.gate.weight" not in weights.keys()]
    intermediate = metadata.integer("feed_forward_length", 0)
    found: Config = {
        **qwen(metadata, weights, config),
        "model_type": "qwen3_moe" if qwen3 else "qwen2_moe",
        "num_experts": metadata.integer("expert_count"),
        "num_experts_per_tok": metadata.integer("expert_used_count"),
        "moe_intermediate_size": metadata.integer("expert_feed_forward_length", intermediate),
        "norm_topk_prob": qwen3,
        "decoder_sparse_step": 1,
        "mlp_only_layers": dense,
    }
    shared = (f"model.layers.{layer}.mlp.shared_expert.gate_proj.weight" for layer in range(count))
    widths = [weights.shape(key)[0] for key in shared if key in weights.keys()]
    return found | ({"shared_expert_intermediate_size": widths[0]} if widths else {})


def phi3(metadata: Metadata, weights: WeightSource, config: Config) -> Config:
    """Phi-3, whose long context has its own factors."""
    found = decoder(metadata, weights, config) | window(metadata)
    if (factor := found["rope_parameters"].get("partial_rotary_factor")) is not None:
        found["partial_rotary_factor"] = factor
    if metadata.has("rope.scaling.original_context_length"):
        original = metadata.integer("rope.scaling.original_context_length")
        found["original_max_position_embeddings"] = original
    return found


def gpt_neox(metadata: Metadata, weights: WeightSource, config: Config) -> Config:
    """GPT-NeoX."""
    heads = metadata.integer("attention.head_count")
    rotated = metadata.integer("rope.dimension_count")
    return {
        "model_type": "gpt_neox",
        "num_attention_heads": heads,
        "intermediate_size": metadata.integer("feed_forward_length"),
        "hidden_act": "gelu",
        "layer_norm_eps": metadata.number("attention.layer_norm_epsilon"),
        "rotary_pct": rotated * heads / config["hidden_size"],
        "rotary_emb_base": metadata.number("rope.freq_base", 10000.0),
        "use_parallel_residual": bool(metadata.values.get("gptneox.use_parallel_residual", True)),
        "attention_bias": "gpt_neox.layers.0.attention.dense.bias" in weights.keys(),
    }


def bert(metadata: Metadata, weights: WeightSource, config: Config) -> Config:
    """BERT."""
    return {
        "num_attention_heads": metadata.integer("attention.head_count"),
        "intermediate_size": metadata.integer("feed_forward_length"),
        "hidden_act": "gelu",
        "layer_norm_eps": metadata.number("attention.layer_norm_epsilon"),
        "type_vocab_size": weights.shape("embeddings.token_type_embeddings.weight")[0],
        "max_position_embeddings": weights.shape("embeddings.position_embeddings.weight")[0],
    }


def window(metadata: Metadata) -> Config:
    """The sliding window, if there is one."""
    size = metadata.integer("attention.sliding_window", 0)
    return {"sliding_window": size} if size else {}


FAMILIES: Mapping[str, Callable[[Metadata, WeightSource, Config], Config]] = {
    "llama": llama,
    "qwen2": qwen,
    "qwen3": qwen,
    "qwen2moe": qwen_moe,
    "qwen3moe": qwen_moe,
    "phi3": phi3,
    "gemma2": lambda metadata, weights, config: gemma2(metadata, decoder(metadata, weights, config), config),
    "gemma3": lambda metadata, weights, config: gemma3(metadata, decoder(metadata, weights, config), config),
    "gemma4": gemma4,
    "gptneox": gpt_neox,
    "bert": bert,
}
"""What adds the keys of a family, by `general.architecture`."""
