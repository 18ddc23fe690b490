"""The config that a GGUF file stands for, by family."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gguf_files import save_gguf, zeros
from rlxc import RlxcError
from rlxc.models.checkpoint import open_checkpoint
from rlxc.models.config import read_config

GGUF = Path(__file__).parents[3] / "data" / "gguf"

SIZES = {
    ".block_count": 2,
    ".context_length": 64,
    ".embedding_length": 32,
    ".feed_forward_length": 48,
    ".attention.head_count": 4,
    ".attention.head_count_kv": 2,
    ".attention.layer_norm_rms_epsilon": 1e-6,
}
TABLE = zeros(token_embd__weight=(10, 32))
EXPERTS = {".expert_count": 4, ".expert_used_count": 2}
GEMMA4 = {
    ".attention.key_length": 16,
    ".attention.key_length_swa": 8,
    ".attention.sliding_window_pattern": [True, False],
    ".attention.head_count_kv": [2, 1],
    ".attention.sliding_window": 7,
    ".feed_forward_length": [48, 96],
    ".rope.freq_base": 1e6,
    ".rope.freq_base_swa": 1e4,
    ".embedding_length_per_layer_input": 4,
}
FULL_ROPE = {"rope_type": "proportional", "rope_theta": 1e6, "partial_rotary_factor": 0.25}

CASES: dict[str, tuple[str, dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "llama": (
        "llama",
        {".rope.freq_base": 500000.0, "tokenizer.ggml.bos_token_id": 1},
        zeros(output__weight=(10, 32)),
        {"model_type": "llama", "tie_word_embeddings": False, "head_dim": 8, "vocab_size": 10, "bos_token_id": 1},
    ),
    "llama 3": (
        "llama",
        {},
        zeros(rope_freqs__weight=(4,)),
        {"rope_factors_key": "rope_freqs.weight", "tie_word_embeddings": True},
    ),
    "linear scaling": (
        "llama",
        {".rope.scaling.type": "linear", ".rope.scaling.factor": 4.0},
        {},
        {"rope_parameters": {"rope_type": "linear", "rope_theta": 10000.0, "factor": 4.0}},
    ),
    "factor without a type": (
        "llama",
        {".rope.scaling.factor": 4.0},
        {},
        {"rope_parameters": {"rope_type": "linear", "rope_theta": 10000.0, "factor": 4.0}},
    ),
    "factor of old files": (
        "llama",
        {".rope.scale_linear": 4.0},
        {},
        {"rope_parameters": {"rope_type": "linear", "rope_theta": 10000.0, "factor": 4.0}},
    ),
    "no scaling in so many words": (
        "llama",
        {".rope.scaling.type": "none", ".rope.scaling.factor": 4.0},
        {},
        {"rope_parameters": {"rope_type": "default", "rope_theta": 10000.0}},
    ),
    "factor of 0": (
        "llama",
        {".rope.scaling.factor": 0.0},
        {},
        {"rope_parameters": {"rope_type": "default", "rope_theta": 10000.0}},
    ),
    "yarn with an attention factor": (
        "llama",
        {
            ".rope.scaling.type": "yarn",
            ".rope.scaling.factor": math.exp(2.0),
            ".rope.scaling.attn_factor": 0.5,
            ".rope.scaling.yarn_beta_fast": 30.0,
        },
        {},
        {
            "rope_parameters": {
                "rope_type": "yarn",
                "rope_theta": 10000.0,
                "factor": pytest.approx(math.exp(2.0), rel=1e-6),
                "beta_fast": 30.0,
                "attention_factor": pytest.approx(0.6, rel=1e-6),
            },
        },
    ),
    "yarn": (
        "qwen2",
        {
            ".rope.scaling.type": "yarn",
            ".rope.scaling.factor": 4.0,
            ".rope.scaling.original_context_length": 32,
            ".rope.freq_base": 1e6,
        },
        {},
        {
            "rope_parameters": {
                "rope_type": "yarn",
                "rope_theta": 1e6,
                "factor": 4.0,
                "original_max_position_embeddings": 32,
            },
            "use_sliding_window": False,
        },
    ),
    "mistral": ("llama", {".attention.sliding_window": 9}, {}, {"model_type": "mistral", "sliding_window": 9}),
    "mixtral": (
        "llama",
        EXPERTS,
        {},
        {"model_type": "mixtral", "num_local_experts": 4, "num_experts_per_tok": 2, "intermediate_size": 48},
    ),
    "qwen3": ("qwen3", {".attention.key_length": 24}, {}, {"model_type": "qwen3", "head_dim": 24}),
    "qwen2moe": (
        "qwen2moe",
        {**EXPERTS, ".expert_feed_forward_length": 12},
        zeros(blk__0__ffn_gate_inp__weight=(4, 32), blk__0__ffn_gate_shexp__weight=(20, 32)),
        {
            "model_type": "qwen2_moe",
            "num_experts": 4,
            "moe_intermediate_size": 12,
            "shared_expert_intermediate_size": 20,
            "mlp_only_layers": [1],
            "norm_topk_prob": False,
        },
    ),
    "qwen3moe": (
        "qwen3moe",
        {**EXPERTS, ".expert_feed_forward_length": 12},
        zeros(blk__0__ffn_gate_inp__weight=(4, 32), blk__1__ffn_gate_inp__weight=(4, 32)),
        {"model_type": "qwen3_moe", "mlp_only_layers": [], "norm_topk_prob": True},
    ),
    "phi3 with an attention factor": (
        "phi3",
        {".rope.scaling.original_context_length": 16, ".rope.scaling.attn_factor": 1.25},
        {f"rope_factors_{kind}.weight": np.ones(4, np.float32) for kind in ("long", "short")},
        {
            "original_max_position_embeddings": 16,
            "rope_parameters": {
                "rope_type": "longrope",
                "rope_theta": 10000.0,
                "short_factor": [1.0] * 4,
                "long_factor": [1.0] * 4,
                "attention_factor": 1.25,
            },
        },
    ),
    "phi3": (
        "phi3",
        {".rope.scaling.original_context_length": 16, ".attention.sliding_window": 11, ".rope.dimension_count": 6},
        {f"rope_factors_{kind}.weight": np.ones(3, np.float32) for kind in ("long", "short")},
        {
            "original_max_position_embeddings": 16,
            "sliding_window": 11,
            "partial_rotary_factor": 0.75,
            "rope_parameters": {
                "rope_type": "longrope",
                "rope_theta": 10000.0,
                "partial_rotary_factor": 0.75,
                "short_factor": [1.0, 1.0, 1.0],
                "long_factor": [1.0, 1.0, 1.0],
            },
        },
    ),
    "gemma2": (
        "gemma2",
        {".attn_logit_softcapping": 50.0, ".final_logit_softcapping": 30.0, ".attention.key_length": 16},
        {},
        {
            "norm_weight_offset": 0.0,
            "layer_types": ["sliding_attention", "full_attention"],
            "attn_logit_softcapping": 50.0,
            "final_logit_softcapping": 30.0,
            "query_pre_attn_scalar": 16,
        },
    ),
    "gemma3": (
        "gemma3",
        {".rope.freq_base": 1e6, ".rope.scaling.type": "linear", ".rope.scaling.factor": 8.0},
        {},
        {
            "model_type": "gemma3_text",
            "norm_weight_offset": 0.0,
            "rope_parameters": {
                "full_attention": {"rope_type": "linear", "rope_theta": 1e6, "factor": 8.0},
                "sliding_attention": {"rope_type": "default", "rope_theta": 10000.0},
            },
        },
    ),
    "gemma4": (
        "gemma4",
        GEMMA4,
        {"rope_freqs.weight": np.array([1, 1, *[1e30] * 6], np.float32)}
        | zeros(per_layer_token_embd__weight=(10, 8), blk__0__attn_v__weight=(16, 32)),
        {
            "model_type": "gemma4_text",
            "attention_k_eq_v": True,
            "num_key_value_heads": 2,
            "num_global_key_value_heads": 1,
            "head_dim": 8,
            "global_head_dim": 16,
            "use_double_wide_mlp": True,
            "vocab_size_per_layer_input": 10,
            "layer_types": ["sliding_attention", "full_attention"],
            "rope_parameters": {
                "full_attention": FULL_ROPE,
                "sliding_attention": {"rope_type": "default", "rope_theta": 10000.0},
            },
        },
    ),
    "gptneox": (
        "gptneox",
        {".rope.dimension_count": 2, ".use_parallel_residual": True, ".attention.layer_norm_epsilon": 1e-5},
        {},
        {"model_type": "gpt_neox", "rotary_pct": 0.25, "use_parallel_residual": True, "layer_norm_eps": 1e-5},
    ),
    "bert": (
        "bert",
        {".attention.layer_norm_epsilon": 1e-12},
        zeros(position_embd__weight=(20, 32), token_types__weight=(2, 32)),
        {"model_type": "bert", "layer_norm_eps": 1e-12, "type_vocab_size": 2, "max_position_embeddings": 20},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_config(tmp_path: Path, case: str) -> None:
    architecture, metadata, tensors, expected = CASES[case]
    path = save_gguf(tmp_path / "a.gguf", architecture, SIZES | metadata, TABLE | tensors)
    config = open_checkpoint(path).config
    assert {key: config.get(key) for key in expected} == expected


@pytest.mark.parametrize("case", ["llama 3", "linear scaling", "yarn", "mistral", "qwen3", "phi3", "gemma3", "gemma4"])
def test_config_is_what_recipes_read(tmp_path: Path, case: str) -> None:
    architecture, metadata, tensors, _ = CASES[case]
    path = save_gguf(tmp_path / "a.gguf", architecture, SIZES | metadata, TABLE | tensors)
    assert read_config(open_checkpoint(path).config).hidden_size == 32


def test_norms_of_gemma_are_as_stored(tmp_path: Path) -> None:
    norm = np.full(32, 1.5, np.float32)
    path = save_gguf(tmp_path / "a.gguf", "gemma3", SIZES, TABLE | {"output_norm.weight": norm})
    assert np.array_equal(open_checkpoint(path).weights.get("model.norm.weight"), norm)


def test_names_are_those_of_hugging_face() -> None:
    checkpoint = open_checkpoint(GGUF / "llama_q8_0.gguf")
    assert all(name.startswith(("model.", "lm_head.")) for name in checkpoint.weights.keys())
    assert len(checkpoint.weights.keys()) == 2 * 9 + 3
    assert checkpoint.weights.shape("model.layers.1.mlp.down_proj.weight") == (64, 160)


@pytest.mark.parametrize(
    ("architecture", "metadata", "problem"),
    [
        ("lama", {}, r"architecture 'lama' is not supported \(did you mean 'llama'\?\)"),
        ("llama", {"split.count": 3}, "it is one of 3 parts"),
        ("llama", {".block_count": 10**6}, r"'llama\.block_count' is 1000000, expected 1 to 4096"),
        ("llama", {".block_count": "two"}, r"'llama\.block_count' is 'two', expected an integer"),
        ("llama", {".attention.head_count": [4, 2]}, r"'llama\.attention\.head_count' differs between layers"),
        ("llama", {".attention.head_count": 0}, r"'llama\.attention\.head_count' is 0"),
        ("llama", {".rope.freq_base": float("nan")}, r"'llama\.rope\.freq_base' is nan, expected a number"),
        ("gemma4", GEMMA4 | {".attention.sliding_window_pattern": [True]}, "does not have one value for each of 2"),
    ],
)
def test_metadata_that_is_amiss(tmp_path: Path, architecture: str, metadata: dict[str, Any], problem: str) -> None:
    path = save_gguf(tmp_path / "a.gguf", architecture, SIZES | metadata, TABLE)
    with pytest.raises(RlxcError, match=problem):
        open_checkpoint(path)


def test_missing_metadata(tmp_path: Path) -> None:
    sizes = {key: value for key, value in SIZES.items() if key != ".embedding_length"}
    with pytest.raises(RlxcError, match=r"'llama\.embedding_length' is missing"):
        open_checkpoint(save_gguf(tmp_path / "a.gguf", "llama", sizes, TABLE))
    with pytest.raises(RlxcError, match=r"it has no matrix 'token_embd\.weight'"):
        open_checkpoint(save_gguf(tmp_path / "b.gguf", "llama", SIZES, {"output_norm.weight": np.ones(3, np.float32)}))
