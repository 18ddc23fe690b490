"""all-MiniLM-L6-v2 against transformers: ids, states of tokens, and vectors of texts.

`bench/references/make_encoders.py` computes `data/real/minilm.npz` in float64.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from rlxc import Model, load_model
from rlxc.cli import main
from rlxc.models.checkpoint import open_checkpoint
from rlxc.models.tokenizer import load_tokenizer

RECORDED = Path(__file__).parents[1] / "data" / "real" / "minilm.npz"
TARGETS = ("numpy", "native")
LIMIT = 1e-5


@cache
def loaded(directory: Path, target: Any) -> Model:
    return load_model(directory, target)


@pytest.fixture(scope="module")
def recorded() -> Mapping[str, NDArray[Any]]:
    with np.load(RECORDED) as found:
        return dict(found)


@pytest.fixture(scope="module")
def texts(recorded: Mapping[str, NDArray[Any]]) -> list[str]:
    return json.loads(str(recorded["texts"]))


def test_tokenizer(minilm: Path, recorded: Mapping[str, NDArray[Any]], texts: list[str]) -> None:
    tokenizer = load_tokenizer(open_checkpoint(minilm))
    for number, text in enumerate(texts):
        assert tokenizer.encode(text) == recorded[f"{number}/input_ids"].tolist()


def test_tokenizer_of_the_vocabulary(minilm: Path, texts: list[str], tmp_path: Path) -> None:
    """`vocab.txt` alone cuts texts as `tokenizer.json` does."""
    whole = load_tokenizer(open_checkpoint(minilm))
    for name in ("config.json", "tokenizer_config.json", "vocab.txt"):
        shutil.copy(minilm / name, tmp_path)
    (tmp_path / "model.safetensors").symlink_to(minilm / "model.safetensors")
    found = load_tokenizer(open_checkpoint(tmp_path))
    for text in (*texts, "[MASK] isn't\tx\u0301yz \u2014 50%!"):
        assert found.encode(text) == whole.encode(text)


@pytest.mark.parametrize("target", TARGETS)
def test_states_of_tokens(minilm: Path, recorded: Mapping[str, NDArray[Any]], texts: list[str], target: str) -> None:
    for number in range(len(texts)):
        states = loaded(minilm, target).embed(recorded[f"{number}/input_ids"])[0]
        np.testing.assert_allclose(states, recorded[f"{number}/states"], rtol=0, atol=LIMIT)


@pytest.mark.parametrize("target", TARGETS)
def test_vectors_of_texts(minilm: Path, recorded: Mapping[str, NDArray[Any]], texts: list[str], target: str) -> None:
    """Mean over the tokens and length 1, as the checkpoint says, of texts that are padded to one length."""
    vectors = loaded(minilm, target).embed_texts(texts)
    expected = [recorded[f"{number}/vector"] for number in range(len(texts))]
    np.testing.assert_allclose(vectors, expected, rtol=0, atol=LIMIT)


def test_command_line(minilm: Path, recorded: Mapping[str, NDArray[Any]], texts: list[str], capsys: Any) -> None:
    assert main(["embed", str(minilm), texts[0], "--threads", "2"]) == 0
    np.testing.assert_allclose(json.loads(capsys.readouterr().out), [recorded["0/vector"]], rtol=0, atol=LIMIT)
