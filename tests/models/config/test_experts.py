"""What configs say of experts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reference_models import MODELS
from rlxc import RlxcError
from rlxc.models.config import ExpertsConfig, LayerConfig, read_decoder


def config_of(name: str) -> dict[str, Any]:
    return json.loads((MODELS / name / "config.json").read_text())


def layers_of(raw: dict[str, Any]) -> tuple[LayerConfig, ...]:
    return read_decoder(raw).layers


def with_experts(raw: dict[str, Any]) -> list[int]:
    return [number for number, layer in enumerate(layers_of(raw)) if layer.experts is not None]


def test_experts_of_each_family() -> None:
    experts = {name: layers_of(config_of(name))[-2].experts for name in ("mixtral", "qwen3_moe")}
    assert experts == {"mixtral": ExpertsConfig(4, 2, 80, True), "qwen3_moe": ExpertsConfig(6, 2, 24, True)}
    assert layers_of(config_of("qwen2_moe"))[0].experts == ExpertsConfig(5, 3, 24, False, shared_width=40)


def test_defaults_are_those_of_transformers() -> None:
    raw = {key: value for key, value in config_of("mixtral").items() if not key.startswith(("num_local", "num_exp"))}
    assert layers_of(raw)[0].experts == ExpertsConfig(8, 2, 80, True)


def test_layers_without_experts() -> None:
    raw = {**config_of("qwen3_moe"), "num_hidden_layers": 6}
    assert with_experts(raw | {"decoder_sparse_step": 2, "mlp_only_layers": [3]}) == [1, 5]
    assert with_experts(raw | {"decoder_sparse_step": 1, "mlp_only_layers": None}) == [0, 1, 2, 3, 4, 5]


def test_layers_of_mixtral_all_have_experts() -> None:
    stray = {"mlp_only_layers": [0], "decoder_sparse_step": 2, "num_hidden_layers": 3}
    assert with_experts(config_of("mixtral") | stray) == [0, 1, 2]


def test_windows_of_qwen() -> None:
    window = {"use_sliding_window": True, "sliding_window": 4, "max_window_layers": 2, "num_hidden_layers": 5}
    sliding = {
        name: [layer.attention.window for layer in layers_of({**config_of(name), **window, "layer_types": None})]
        for name in ("qwen2_moe", "qwen3_moe")
    }
    assert sliding == {"qwen2_moe": [4, None, None, None, None], "qwen3_moe": [4, 4, 4, 4, 4]}


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("mixtral", {"num_experts_per_tok": 5}, "'num_experts_per_tok' is 5, expected at most num_local_experts = 4"),
        ("mixtral", {"num_local_experts": 0}, "'num_local_experts' is 0, expected a whole number from 1 to 4096"),
        ("qwen3_moe", {"num_local_experts": 10**9}, "'num_local_experts' is 1000000000, expected a whole number"),
        ("qwen2_moe", {"norm_topk_prob": 1}, "'norm_topk_prob' is 1, expected true or false"),
        ("qwen2_moe", {"mlp_only_layers": ["1"]}, r"'mlp_only_layers\[0\]' is '1'"),
        ("qwen2_moe", {"decoder_sparse_step": 0}, "'decoder_sparse_step' is 0"),
    ],
)
def test_error_names_the_key(name: str, change: dict[str, Any], message: str) -> None:
    with pytest.raises(RlxcError, match=message):
        read_decoder({**config_of(name), **change})
