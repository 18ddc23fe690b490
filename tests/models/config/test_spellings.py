"""Configs in the spellings of transformers 4 and 5."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from reference_models import MODELS
from rlxc import RlxcError
from rlxc.models.config import LayerType, PerLayerInputs, read_config, read_decoder
from rlxc.models.rope import LinearRope, ProportionalRope, Rope

NAMES = sorted(path.name for path in MODELS.iterdir())


@pytest.mark.parametrize("name", NAMES)
def test_both_spellings_are_one_config(name: str) -> None:
    new, old = (json.loads((MODELS / name / f"{file}.json").read_text()) for file in ("config", "config.hub"))
    assert new != old
    assert read_config(new) == read_config(old)


@pytest.mark.parametrize(("change", "expected"), [({"pad_token_id": 3}, 3), ({"pad_token_id": -1}, None), ({}, None)])
def test_padding(change: Mapping[str, int], expected: int | None) -> None:
    """-1 stands for none in configs of the first Llama models."""
    raw = json.loads((MODELS / "llama_tiny" / "config.json").read_text())
    raw.pop("pad_token_id", None)
    assert read_decoder({**raw, **change}).pad_id == expected


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


TINY = {"hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2, "num_attention_heads": 4, "vocab_size": 10}

BOTH_TYPES = ["sliding_attention", "full_attention"]


def rope_of(model_type: str, keys: Mapping[str, Any], kind: LayerType = "full_attention") -> Rope:
    """The rotary embedding of layers of a type."""
    return read_decoder({"model_type": model_type, **TINY, **keys}).ropes[kind]


def test_a_theta_beside_parameters_that_have_none() -> None:
    linear = {"rope_type": "linear", "factor": 2.0}
    assert rope_of("llama", {"rope_parameters": linear, "rope_theta": 5e5}) == LinearRope(5e5, 16, 2.0)
    both = {"rope_parameters": {**linear, "rope_theta": 7.0}, "rope_theta": 5e5}
    assert rope_of("llama", both) == LinearRope(7.0, 16, 2.0)
    plain = {"rope_type": "default"}
    assert rope_of("gpt_neox", {"rope_parameters": plain, "rotary_emb_base": 50, "rotary_pct": 0.5}) == Rope(50.0, 8)
    by_type = {"full_attention": plain, "sliding_attention": plain}
    thetas = {"rope_parameters": by_type, "rope_theta": 5e3, "rope_local_base_freq": 70.0, "layer_types": BOTH_TYPES}
    assert rope_of("gemma3_text", thetas) == Rope(5e3, 256)
    assert rope_of("gemma3_text", thetas, "sliding_attention") == Rope(70.0, 256)


def test_rope_scaling_goes_before_rope_parameters() -> None:
    both = {"rope_parameters": {"rope_theta": 7.0}, "rope_scaling": {"type": "linear", "factor": 4.0}}
    assert rope_of("llama", both) == LinearRope(1e4, 16, 4.0)
    by_type = {"full_attention": {"rope_theta": 7.0}, "sliding_attention": {"rope_theta": 8.0}}
    keys = {**both, "rope_parameters": by_type, "layer_types": BOTH_TYPES}
    assert rope_of("gemma3_text", keys) == LinearRope(7.0, 256, 4.0)
    assert rope_of("gemma3_text", keys, "sliding_attention") == Rope(8.0, 256)


def test_parameters_that_are_not_by_type() -> None:
    flat = {"rope_parameters": {"rope_type": "default", "rope_theta": 5e3}}
    assert rope_of("gemma3_text", flat, "sliding_attention") == Rope(1e4, 256)
    with pytest.raises(RlxcError, match=r"'rope_parameters' is .*, expected parameters by type of layer"):
        rope_of("gemma4_text", flat, "sliding_attention")


@pytest.mark.parametrize("model_type", ["mixtral", "phi3", "qwen3_moe"])
def test_types_of_layers_count_only_where_the_model_reads_them(model_type: str) -> None:
    full = {"layer_types": ["full_attention"] * 2, "sliding_window": 3, "use_sliding_window": True}
    config = read_decoder({"model_type": model_type, **TINY, **full})
    assert [layer.attention.window for layer in config.layers] == [3, 3]


@pytest.mark.parametrize(("model_type", "other"), [("llama", "hidden_activation"), ("gemma2", "hidden_act")])
def test_the_activation_is_under_the_key_of_the_family(model_type: str, other: str) -> None:
    config = read_decoder({"model_type": model_type, **TINY, other: "relu"})
    assert config.layers[0].mlp.activation != "relu"
