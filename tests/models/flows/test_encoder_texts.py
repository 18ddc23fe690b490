"""Encoders as text emit what the recipes in Python emit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rlxc.cli import main
from rlxc.models.config import read_encoder
from rlxc.models.config.read_encoder import ENCODERS
from rlxc.models.flows import ENCODER_TEXTS, encoder_flow_values, recipe_flow
from rlxc.models.recipes import encoder

DATA = Path(__file__).parents[2] / "data"
FLOWS = Path(__file__).parents[3] / "rlxc" / "models" / "flows"
CONFIGS = sorted((DATA / "encoders").glob("*/config.json"))


def test_every_encoder_is_there() -> None:
    assert set(ENCODER_TEXTS) == set(ENCODERS)


@pytest.mark.parametrize("padded", [False, True])
@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.parent.name)
def test_encoder(path: Path, padded: bool) -> None:
    config = read_encoder(json.loads(path.read_text()))
    read = recipe_flow(ENCODER_TEXTS[config.model_type], encoder_flow_values(config, padded))
    built, expected = read.flow.build(read.weights), encoder(config, padded=padded).build(read.weights)
    assert str(built) == str(expected)
    assert built.params.keys() == expected.params.keys()


def test_command_line(capsys: Any) -> None:
    """The config in the file is that of the model in the checkpoint."""
    config = DATA / "encoders" / "bert_pooler" / "config.json"
    assert main(["compile", str(FLOWS / "bert.flow"), "--config", str(config), "--emit=rlx"]) == 0
    assert capsys.readouterr().out.count("rlx.position_embed") == 1
