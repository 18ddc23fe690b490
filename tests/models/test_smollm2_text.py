"""SmolLM2 135M against transformers on the same dequantized weights: logits, and how two texts go on.

`data/real/smollm2-135m.npz` holds ids, the 64 largest logits after the last one, the most likely continuation
and by how much its tokens were ahead of the second ones.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from rlxc import Model, load_model
from rlxc.cli import main

RECORDED = Path(__file__).parents[1] / "data" / "real" / "smollm2-135m.npz"
README = Path(__file__).parents[2] / "README.md"
PROMPTS = {"p0": "The capital of France is", "p1": "Once upon a time, there was a little"}
SURE = 1e-3
"""The margin above which rounding cannot choose another token."""


@pytest.fixture(scope="module")
def model(smollm2: Path) -> Model:
    return load_model(smollm2, "native", threads=2)


@pytest.fixture(scope="module")
def recorded() -> Mapping[str, NDArray[Any]]:
    with np.load(RECORDED) as found:
        return dict(found)


@pytest.mark.parametrize(("name", "text"), PROMPTS.items())
def test_tokenizer(model: Model, recorded: Mapping[str, NDArray[Any]], name: str, text: str) -> None:
    assert model.tokenizer.encode(text) == recorded[f"{name}/input_ids"].tolist()


@pytest.mark.parametrize("name", PROMPTS)
def test_logits(model: Model, recorded: Mapping[str, NDArray[Any]], name: str) -> None:
    logits = model.logits(recorded[f"{name}/input_ids"])[0]
    np.testing.assert_array_equal(logits.argmax(axis=-1), recorded[f"{name}/argmax_all"])
    largest = logits[-1][recorded[f"{name}/top_ids"]]
    np.testing.assert_allclose(largest, recorded[f"{name}/top_logits64"], rtol=0, atol=2e-4)


@pytest.mark.parametrize("name", PROMPTS)
def test_greedy_ids(model: Model, recorded: Mapping[str, NDArray[Any]], name: str) -> None:
    expected, margin = recorded[f"{name}/greedy_ids"], recorded[f"{name}/greedy_margin"]
    assert np.all(margin > SURE)
    ids = model.generate(recorded[f"{name}/input_ids"], len(expected), stop_ids=())
    np.testing.assert_array_equal(ids[0], expected)


def test_example_of_the_readme(smollm2: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command, shown = re.findall(
        r"```(?:sh|text)\n(.*?)\n```", README.read_text("utf-8").partition("## Text")[2], re.DOTALL
    )[:2]
    words = shlex.split(command.splitlines()[1])
    assert words[:3] == ["rlxc", "generate", smollm2.name]
    assert main(["generate", str(smollm2), *words[3:]]) == 0
    assert capsys.readouterr().out == shown.splitlines()[0] + "\n"


def test_command_line(smollm2: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = PROMPTS["p1"]
    assert main(["generate", str(smollm2), text, "--no-chat", "--max-new-tokens", "10", "--threads", "2"]) == 0
    assert capsys.readouterr().out == " girl named Emma who loved to play in the sun\n"
