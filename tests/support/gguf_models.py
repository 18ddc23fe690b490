"""Models as llama.cpp's converter writes them into GGUF files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rlxc.models.checkpoint import Checkpoint
from rlxc.weights.gguf_architectures import ARCHITECTURES, TensorNames

Array = NDArray[Any]

SHIFTED = ("gemma2", "gemma3")


def metadata(checkpoint: Checkpoint, architecture: str) -> dict[str, Any]:
    """The keys that every file needs; those of Gemma 4 too."""
    config = checkpoint.config
    heads = config["num_attention_heads"]
    found: dict[str, Any] = {
        ".block_count": config["num_hidden_layers"],
        ".context_length": config["max_position_embeddings"],
        ".embedding_length": config["hidden_size"],
        ".feed_forward_length": config["intermediate_size"],
        ".attention.head_count": heads,
        ".attention.head_count_kv": config.get("num_key_value_heads", heads),
        ".attention.key_length": config.get("head_dim") or config["hidden_size"] // heads,
        ".attention.layer_norm_rms_epsilon": 1e-6,
        ".attention.layer_norm_epsilon": 1e-6,
        ".rope.dimension_count": 4,
        ".attention.sliding_window": 4,
    }
    if architecture == "gemma4":
        found[".attention.sliding_window_pattern"] = [kind == "sliding_attention" for kind in config["layer_types"]]
        found[".attention.shared_kv_layers"] = config["num_kv_shared_layers"]
    return found | metadata_of_experts(config)


def metadata_of_experts(config: Mapping[str, Any]) -> dict[str, Any]:
    """What files say of experts, if there are some."""
    count = config.get("num_experts", config.get("num_local_experts"))
    if count is None:
        return {}
    used = config["top_k_experts" if "top_k_experts" in config else "num_experts_per_tok"]
    width = config.get("moe_intermediate_size", config["intermediate_size"])
    return {".expert_count": count, ".expert_used_count": used, ".expert_feed_forward_length": width}


def written(checkpoint: Checkpoint, architecture: str) -> dict[str, Array]:
    """The tensors of the file, by its names."""
    names, found = ARCHITECTURES[architecture], dict[str, Array]()
    for layer in range(checkpoint.config["num_hidden_layers"]):
        prefix = names.layers.format(layer)
        module = {key: f"blk.{layer}.{name}" for name, key in names.layer.items()}
        found |= renamed(checkpoint, prefix, module, architecture)
        found |= stacked(checkpoint, prefix, layer, names)
    whole = {key: name for name, key in names.whole.items()}
    return found | renamed(checkpoint, "", whole, architecture)


def renamed(checkpoint: Checkpoint, prefix: str, modules: Mapping[str, str], architecture: str) -> dict[str, Array]:
    """The tensors whose module is in `modules`."""
    found: dict[str, Array] = {}
    for key in checkpoint.weights.keys():
        module, _, kind = key.removeprefix(prefix).rpartition(".")
        name = modules.get(key.removeprefix(prefix)) or (f"{modules[module]}.{kind}" if module in modules else None)
        if key.startswith(prefix) and name is not None:
            found[name] = converted(checkpoint.weights.get(key).astype(np.float32), name, checkpoint, architecture)
    return found


def stacked(checkpoint: Checkpoint, prefix: str, layer: int, names: TensorNames) -> dict[str, Array]:
    """The tensors of experts, as one."""
    found: dict[str, Array] = {}
    for name, form in names.experts.items():
        keys = [f"{prefix}{form.format(expert)}.weight" for expert in range(64)]
        experts = [checkpoint.weights.get(key) for key in keys if key in checkpoint.weights.keys()]
        if experts:
            found[f"blk.{layer}.{name}.weight"] = np.stack(experts).astype(np.float32)
    return found


def converted(tensor: Array, name: str, checkpoint: Checkpoint, architecture: str) -> Array:
    """What the converter does to a tensor."""
    config = checkpoint.config
    heads = {"attn_q": "num_attention_heads", "attn_k": "num_key_value_heads"}
    part = name.split(".")[-2]
    if architecture == "llama" and part in heads:
        halves = tensor.reshape(config[heads[part]], 2, -1, *tensor.shape[1:])
        return halves.swapaxes(1, 2).reshape(tensor.shape)
    if part == "attn_qkv" and architecture == "gptneox":
        by_head = tensor.reshape(config["num_attention_heads"], 3, -1, *tensor.shape[1:])
        return np.concatenate([by_head[:, kind].reshape(-1, *tensor.shape[1:]) for kind in range(3)])
    if part == "ffn_gate_inp_shexp":
        return tensor.squeeze(0)
    return tensor + 1 if architecture in SHIFTED and name.endswith("norm.weight") else tensor
