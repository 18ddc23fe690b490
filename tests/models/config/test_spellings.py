"""Configs in the spellings of transformers 4 and 5."""

from __future__ import annotations

import json

import pytest

from reference_models import MODELS
from rlxc.models.config import PerLayerInputs, read_config, read_decoder
from rlxc.models.rope import ProportionalRope

NAMES = sorted(path.name for path in MODELS.iterdir())


@pytest.mark.parametrize("name", NAMES)
def test_both_spellings_are_one_config(name: str) -> None:
    new, old = (json.loads((MODELS / name / f"{file}.json").read_text()) for file in ("config", "config.hub"))
    assert new != old
    assert read_config(new) == read_config(old)


def test_equal_layers_compare_equal() -> None:
    """Gemma 3 has two kinds of layers."""
    config = read_decoder(json.loads((MODELS / "gemma3_tiny" / "config.json").read_text()))
    assert [config.layers.index(layer) for layer in config.layers] == [0, 0, 2, 0]


def test_layers_that_borrow_keys_and_values() -> None:
    """The last two of five layers, which are wider, take those of the last sliding and the last full layer before."""
    config = read_decoder(json.loads((MODELS / "gemma4_ple" / "config.json").read_text()))
    assert [config.cache_layer(number) for number in range(5)] == [0, 1, 2, 2, 1]
    assert [layer.mlp.width for layer in config.layers] == [80, 80, 80, 160, 160]
    assert config.layers[0] == config.layers[2]


SPARSE = {"hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 6}
"""What the `text_config` of a published multimodal model says at least."""


def test_what_gemma_3_leaves_out() -> None:
    config = read_decoder({"model_type": "gemma3_text", **SPARSE})
    attention = config.layers[0].attention
    assert (config.vocab_size, attention.num_heads, attention.num_kv_heads, attention.head_dim) == (262208, 8, 4, 256)
    assert [layer.attention.type for layer in config.layers].index("full_attention") == 5


def test_what_gemma_4_leaves_out() -> None:
    config = read_decoder({"model_type": "gemma4_text", **SPARSE})
    assert [layer.attention.head_dim for layer in config.layers] == [256] * 5 + [512]
    assert config.per_layer_inputs == PerLayerInputs(256, 262144)
    assert config.ropes["full_attention"] == ProportionalRope(1e6, 512, 64)


def test_what_gemma_2_leaves_out() -> None:
    """A bound that is null is none; one that is left out is that of the published models."""
    bounded = read_decoder({"model_type": "gemma2", **SPARSE})
    assert (bounded.layers[0].attention.softcap, bounded.logit_softcap) == (50.0, 30.0)
    free = {"attn_logit_softcapping": None, "final_logit_softcapping": None}
    assert read_decoder({"model_type": "gemma2", **SPARSE, **free}).logit_softcap is None


def test_only_gemma_2_bounds_scores() -> None:
    config = read_decoder({"model_type": "gemma3_text", **SPARSE, "attn_logit_softcapping": 5.0})
    assert config.layers[0].attention.softcap is None


def test_llama_rotates_whole_heads() -> None:
    """As transformers does, whatever `partial_rotary_factor` says."""
    raw = json.loads((MODELS / "llama_tiny" / "config.json").read_text())
    rope = {"rope_type": "default", "rope_theta": 1e4, "partial_rotary_factor": 0.5}
    assert read_decoder(raw | {"rope_parameters": rope}).ropes["full_attention"].n_rot == raw["head_dim"]
