"""Models as Hugging Face has them, and the same written as GGUF files the way llama.cpp's converter does."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from gguf_files import save_gguf
from rlxc import load_model
from rlxc.models.checkpoint import Checkpoint, open_checkpoint
from rlxc.models.config import read_decoder
from rlxc.weights.gguf_architectures import ARCHITECTURES, TensorNames

Array = NDArray[Any]

MODELS = Path(__file__).parents[3] / "data" / "models"
CASES = {
    "llama_tiny": "llama",
    "llama_yarn_mqa_biased": "llama",
    "mistral_wide_heads": "llama",
    "mixtral": "llama",
    "qwen2": "qwen2",
    "qwen3_untied": "qwen3",
    "qwen2_moe": "qwen2moe",
    "qwen3_moe": "qwen3moe",
    "phi3_partial": "phi3",
    "gemma2": "gemma2",
    "gemma3_tiny": "gemma3",
    "gemma4_moe": "gemma4",
    "gemma4_ple": "gemma4",
    "gptneox": "gptneox",
    "bert": "bert",
}
"""Model -> its architecture in GGUF files."""

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
    if architecture.endswith("moe"):
        found[".expert_count"] = config["num_experts" if "num_experts" in config else "num_local_experts"]
        found[".expert_used_count"] = config["num_experts_per_tok"]
    return found


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


@pytest.mark.parametrize("name", CASES)
def test_tensors_are_the_same(tmp_path: Path, name: str) -> None:
    architecture, model = CASES[name], open_checkpoint(MODELS / name)
    path = save_gguf(tmp_path / "a.gguf", architecture, metadata(model, architecture), written(model, architecture))
    file = open_checkpoint(path)
    assert set(file.weights.keys()) == set(model.weights.keys())
    for key in model.weights.keys():
        expected = model.weights.get(key).astype(np.float32)
        if architecture in SHIFTED and key.endswith("norm.weight"):
            expected = expected + np.float32(1)
        assert file.weights.shape(key) == expected.shape
        assert np.array_equal(file.weights.get(key), expected), key


@pytest.mark.parametrize("name", CASES)
def test_configs_agree(tmp_path: Path, name: str) -> None:
    """Wherever the file says something of its own, it is what Hugging Face says."""
    architecture, model = CASES[name], open_checkpoint(MODELS / name)
    path = save_gguf(tmp_path / "a.gguf", architecture, metadata(model, architecture), written(model, architecture))
    config = open_checkpoint(path).config
    keys = ("hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "vocab_size")
    more = ("tie_word_embeddings", "attention_k_eq_v", "shared_expert_intermediate_size")
    for key in (*keys, *more):
        if key in config and name != "bert":
            assert config[key] == model.config[key], key


def metadata_of_gemma_4(checkpoint: Checkpoint) -> dict[str, Any]:
    """All keys, so that the file says what the config does."""
    config, decoder = checkpoint.config, read_decoder(checkpoint.config)
    return metadata(checkpoint, "gemma4") | {
        ".attention.key_length": 32,
        ".attention.key_length_swa": 16,
        ".attention.head_count_kv": [layer.attention.num_kv_heads for layer in decoder.layers],
        ".attention.sliding_window": config["sliding_window"],
        ".feed_forward_length": [layer.mlp.width for layer in decoder.layers],
        ".final_logit_softcapping": config["final_logit_softcapping"],
        ".embedding_length_per_layer_input": config["hidden_size_per_layer_input"],
        ".rope.freq_base": 1e6,
        ".rope.freq_base_swa": 1e4,
    }


@pytest.mark.parametrize("name", ["gemma4_ple", "gemma4_tiny_dense"])
def test_gemma_4_is_the_same_model(tmp_path: Path, name: str) -> None:
    """The first 4 of 16 pairs of components turn in full layers."""
    model, factors = open_checkpoint(MODELS / name), np.array([1.0] * 4 + [1e30] * 12, np.float32)
    tensors = written(model, "gemma4") | {"rope_freqs.weight": factors}
    file = save_gguf(tmp_path / "a.gguf", "gemma4", metadata_of_gemma_4(model), tensors)
    assert read_decoder(open_checkpoint(file).config).layers == read_decoder(model.config).layers
    ids = [list(range(20, 40))]
    np.testing.assert_array_equal(load_model(file, "numpy").logits(ids), load_model(MODELS / name, "numpy").logits(ids))
