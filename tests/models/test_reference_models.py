"""Tiny models of many families against transformers: logits, and how a text goes on."""

from __future__ import annotations

import numpy as np
import pytest

from reference_models import loaded, reference

NAMES = (
    "gemma2",
    "gemma3_tiny",
    "gemma4_moe",
    "gemma4_ple",
    "gemma4_tiny_dense",
    "gptneox",
    "gptneox_sequential",
    "llama_dynamic",
    "llama_linear",
    "llama_tiny",
    "llama_yarn_mqa_biased",
    "mistral_tiny",
    "mistral_wide_heads",
    "mixtral",
    "phi3_longrope_long",
    "phi3_longrope_short",
    "phi3_partial",
    "qwen2",
    "qwen2_moe",
    "qwen3_moe",
    "qwen3_tiny",
    "qwen3_untied",
)
TARGETS = ("numpy", "native")


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", NAMES)
def test_logits(name: str, target: str) -> None:
    expected = reference(name)
    logits = loaded(name, target).logits(expected.ids)
    assert logits.dtype == np.float32
    assert np.max(np.abs(logits - expected.logits)) <= expected.tolerance


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", NAMES)
def test_greedy_ids(name: str, target: str) -> None:
    expected = reference(name)
    ids = loaded(name, target).generate(expected.ids, len(expected.greedy), stop_ids=())
    assert ids.tolist() == [expected.greedy]


@pytest.mark.parametrize("chunk", [1, 5])
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", NAMES)
def test_parts_of_a_prompt(name: str, target: str, chunk: int) -> None:
    """Token by token, or five at a time, a prompt means what it means at once."""
    model, ids = loaded(name, target), reference(name).ids
    parts, whole = model.session(chunk=chunk).logits(ids), model.logits(ids)
    assert np.max(np.abs(parts - whole)) <= 1e-5 * np.max(np.abs(whole))
