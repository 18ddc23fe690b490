"""Configs in the spellings of transformers 4 and 5."""

from __future__ import annotations

import json

import pytest

from reference_models import MODELS
from rlxc import RlxcError
from rlxc.models.config import read_config, read_decoder

OTHERS = ("gemma4_moe",)
"""Models that no recipe can do."""

NAMES = sorted(path.name for path in MODELS.iterdir() if path.name not in OTHERS)


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


@pytest.mark.parametrize("name", OTHERS)
def test_other_models_are_refused(name: str) -> None:
    config = json.loads((MODELS / name / "config.json").read_text())
    with pytest.raises(RlxcError, match=r"unknown model type|not supported"):
        read_config(config)
