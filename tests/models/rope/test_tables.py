"""Rope tables of every kind against transformers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from rlxc.models.config.families import FAMILIES
from rlxc.models.config.reader import ConfigReader
from rlxc.models.config.rope_parameters import read_rope
from rlxc.models.rope import Rope, rope_tables

Array = NDArray[Any]

DATA = Path(__file__).parents[2] / "data" / "rope"
CASES: dict[str, dict[str, Any]] = json.loads((DATA / "rope_tables.json").read_text())


def arrays(name: str) -> dict[str, Array]:
    """Inverse frequencies, and cosines and sines at some positions."""
    with np.load(DATA / "rope_tables.npz") as found:
        return {key: found[f"{name}/{key}"] for key in ("inv_freq", "cos", "sin")} | {"at": found["positions"]}


def read(name: str) -> Rope:
    case = CASES[name]
    kind = case["layer_type"] or "full_attention"
    # What the case has is of one type of layers, where a model has several.
    parameters = {kind: case["rope_parameters"]} if case["layer_type"] else case["rope_parameters"]
    config = {"rope_parameters": parameters, "max_position_embeddings": case["max_position_embeddings"]}
    return read_rope(ConfigReader(config), FAMILIES[case["model_type"]], kind, case["head_dim"])


def length_of(name: str) -> int:
    """The sequence that the tables are for: long only where the case says so."""
    return 2**17 if name.endswith("_long") else 4096


@pytest.mark.parametrize("name", CASES)
def test_inverse_frequencies(name: str) -> None:
    rope = read(name)
    np.testing.assert_allclose(rope.inverse_frequencies(length_of(name)), arrays(name)["inv_freq"], rtol=1e-6)
    assert rope.attention_factor == pytest.approx(CASES[name]["attention_scaling"], rel=1e-12)


@pytest.mark.parametrize("name", CASES)
def test_cosines_and_sines(name: str) -> None:
    expected = arrays(name)
    positions = expected["at"][expected["at"] < 2**15]
    tables = rope_tables(read(name), 2**15, length_of(name))
    for found, key in zip(tables, ("cos", "sin"), strict=True):
        error = np.abs(found[positions] - expected[key][: len(positions)]).max(axis=1)
        assert np.all(error <= 1e-6 + 1.2e-7 * positions)


def test_dynamic_rope_turns_more_slowly_in_long_sequences() -> None:
    """Theta is multiplied by `(factor * length / max_positions - (factor - 1)) ** (n_rot / (n_rot - 2))`."""
    rope = read("dynamic_ntk_x2_at_max")
    theta = 10000 * 3 ** (128 / 126)
    np.testing.assert_allclose(rope.inverse_frequencies(8192), theta ** -(np.arange(0, 128, 2) / 128), rtol=1e-12)
