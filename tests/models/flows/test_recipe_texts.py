"""Recipes as text emit what the recipes in Python emit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rlxc.models.config import read_config
from rlxc.models.flows import TEXTS, model_values, recipe_flow
from rlxc.models.recipes import Form, decoder_body, decoder_head

DATA = Path(__file__).parents[2] / "data"
NAMES = (
    "llama_tiny",
    "mistral_tiny_sliding",
    "qwen2_tiny",
    "qwen3_tiny",
    "phi3_tiny",
    "gemma2_tiny_sliding",
    "gemma3_tiny_full",
    "gemma4_tiny_dense_full_keqv",
    "gptneox_tiny",
)
WITH_EXPERTS = ("mixtral", "qwen2_moe", "qwen3_moe", "gemma4_moe")
POSITIONS = 64

CHANGES: dict[str, dict[str, Any]] = {
    "as it is": {},
    "biases": {"attention_bias": True, "mlp_bias": True},
    "other activation": {"hidden_act": "relu"},
    "llama3 rope": {
        "rope_parameters": {
            "rope_type": "llama3", "rope_theta": 1e4, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
            "original_max_position_embeddings": 32,
        }
    },
    "dynamic rope": {"rope_parameters": {"rope_type": "dynamic", "rope_theta": 1e4, "factor": 2.0}},
    "untied": {"tie_word_embeddings": False},
    "tied": {"tie_word_embeddings": True},
}  # fmt: skip


def config_of(name: str, **changes: Any) -> Any:
    return read_config(json.loads((DATA / "layers" / f"{name}.json").read_text())["config"] | changes)


def test_every_model_type_is_tested() -> None:
    assert {config_of(name).model_type for name in NAMES} | {*WITH_EXPERTS} - {"gemma4_moe"} == set(TEXTS)


@pytest.mark.parametrize("padded", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_body(name: str, padded: bool) -> None:
    same_body(config_of(name), padded)


@pytest.mark.parametrize("change", CHANGES)
def test_body_of_other_configs(change: str) -> None:
    same_body(config_of("llama_tiny", **CHANGES[change]), padded=False)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("tied", [False, True])
def test_head(name: str, tied: bool) -> None:
    config = config_of(name, tie_word_embeddings=tied)
    read = recipe_flow(TEXTS[config.model_type].head, model_values(config, POSITIONS, padded=False))
    assert str(read.flow.build(read.weights)) == str(decoder_head(config).build(read.weights))


@pytest.mark.parametrize("parallel", [False, True])
def test_blocks_side_by_side(parallel: bool) -> None:
    same_body(config_of("gptneox_tiny", use_parallel_residual=parallel), padded=False)


GEMMA_4: dict[str, dict[str, Any]] = {
    "as it is": {},
    "biases": {"attention_bias": True},
    "other activation": {"hidden_activation": "relu"},
    "a lender with one projection": {"attention_k_eq_v": True},
    "all own": {"num_kv_shared_layers": 0},
    "no inputs of layers": {"hidden_size_per_layer_input": 0},
}


@pytest.mark.parametrize("padded", [False, True])
@pytest.mark.parametrize("change", GEMMA_4)
def test_gemma_4_e(change: str, padded: bool) -> None:
    raw = json.loads((DATA / "models" / "gemma4_ple" / "config.json").read_text())
    same_body(read_config(raw | GEMMA_4[change]), padded)


@pytest.mark.parametrize("change", ["as it is", "other activation"])
@pytest.mark.parametrize("name", WITH_EXPERTS)
def test_experts(name: str, change: str) -> None:
    raw = json.loads((DATA / "models" / name / "config.json").read_text())
    same_body(read_config(raw | CHANGES[change]), padded=False)


def same_body(config: Any, padded: bool) -> None:
    read = recipe_flow(TEXTS[config.model_type].body, model_values(config, POSITIONS, padded))
    twin = decoder_body(config, Form(POSITIONS, padded), read.weights)
    built, expected = read.flow.build(read.weights), twin.build(read.weights)
    assert str(built) == str(expected)
    assert built.params.keys() == expected.params.keys()
