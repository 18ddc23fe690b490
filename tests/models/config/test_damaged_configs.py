"""Configs that nobody should believe: each is one error that names the key."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reference_models import MODELS
from rlxc import RlxcError
from rlxc.models.config import read_config

LLAMA: dict[str, Any] = json.loads((MODELS / "llama_tiny" / "config.json").read_text())
ROPE = LLAMA["rope_parameters"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model_type": "lama"}, r"unknown model type 'lama'.*did you mean 'llama'"),
        ({"hidden_size": "64"}, r"'hidden_size' is '64', expected a whole number"),
        ({"hidden_size": None}, r"the config has no 'hidden_size'"),
        ({"num_hidden_layers": 10**9}, r"'num_hidden_layers' is 1000000000, expected a whole number from 1 to 4096"),
        ({"vocab_size": True}, r"'vocab_size' is True"),
        ({"rms_norm_eps": float("nan")}, r"'rms_norm_eps' is nan, expected a finite number"),
        ({"num_key_value_heads": 3}, r"'num_key_value_heads' is 3, expected a divisor of num_attention_heads = 4"),
        ({"hidden_act": "gelu_pytorch_than"}, r"'hidden_act' is .*did you mean 'gelu_pytorch_tanh'"),
        ({"eos_token_id": [2, "x"]}, r"'eos_token_id\[1\]' is 'x'"),
        ({"pad_token_id": -2}, "'pad_token_id' is -2, expected a whole number from -1"),
        ({"rope_parameters": 3}, r"'rope_parameters' is 3, expected an object"),
        ({"rope_parameters": {**ROPE, "rope_type": "yarnn"}}, r"'rope_parameters.rope_type' .*did you mean 'yarn'"),
        ({"rope_parameters": {**ROPE, "factor": -8}}, r"'rope_parameters.factor' is -8, expected a positive number"),
        ({"rope_parameters": {**ROPE, "high_freq_factor": 1}}, r"'rope_parameters.high_freq_factor' is 1"),
    ],
)
def test_error_names_the_key(change: dict[str, Any], message: str) -> None:
    with pytest.raises(RlxcError, match=message):
        read_config({**LLAMA, **change})


def test_keys_and_values_of_no_layer() -> None:
    gemma = json.loads((MODELS / "gemma4_ple" / "config.json").read_text())
    with pytest.raises(RlxcError, match=r"'num_kv_shared_layers' is 4, .*so that a full_attention layer has its own"):
        read_config({**gemma, "num_kv_shared_layers": 4})
    with pytest.raises(RlxcError, match="'num_kv_shared_layers' is 5, expected a whole number from 0 to 4"):
        read_config({**gemma, "num_kv_shared_layers": 5})
    other = {**gemma["per_layer_config"], "4": {"head_dim": 32, "num_key_value_heads": 1}}
    with pytest.raises(RlxcError, match=r"layer 4 .* 1 K/V heads of 32 .* layer 1,.* 2 of 32"):
        read_config({**gemma, "per_layer_config": other})


def test_attention_in_both_directions_is_refused_where_it_is_that_of_text() -> None:
    gemma = json.loads((MODELS / "gemma3_tiny" / "config.json").read_text())
    with pytest.raises(RlxcError, match="'use_bidirectional_attention' is True: such models are not supported"):
        read_config({**gemma, "use_bidirectional_attention": True})
    assert read_config({**gemma, "use_bidirectional_attention": "vision"}) == read_config(gemma)
