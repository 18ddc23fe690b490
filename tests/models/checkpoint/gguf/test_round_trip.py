"""Models as Hugging Face has them, and the same written as GGUF files the way llama.cpp's converter does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gguf_files import save_gguf
from gguf_models import SHIFTED, metadata, written
from reference_models import MODELS
from rlxc import load_model
from rlxc.models.checkpoint import Checkpoint, open_checkpoint
from rlxc.models.config import read_decoder

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


@pytest.mark.parametrize("name", ["gemma4_moe", "gemma4_ple", "gemma4_tiny_dense"])
def test_gemma_4_is_the_same_model(tmp_path: Path, name: str) -> None:
    """The first 4 of 16 pairs of components turn in full layers."""
    model, factors = open_checkpoint(MODELS / name), np.array([1.0] * 4 + [1e30] * 12, np.float32)
    tensors = written(model, "gemma4") | {"rope_freqs.weight": factors}
    file = save_gguf(tmp_path / "a.gguf", "gemma4", metadata_of_gemma_4(model), tensors)
    assert read_decoder(open_checkpoint(file).config).layers == read_decoder(model.config).layers
    ids = [list(range(20, 40))]
    np.testing.assert_array_equal(load_model(file, "numpy").logits(ids), load_model(MODELS / name, "numpy").logits(ids))
