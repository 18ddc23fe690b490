"""A tiny BERT with a vocabulary of one token a letter, and what sentence-transformers says of it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

BERT = Path(__file__).parents[1] / "data" / "encoders" / "bert_pooler"
LETTERS = "abcdefghijklmnopqrstuvwxyz"
TOKENS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *LETTERS, *(f"##{letter}" for letter in LETTERS)]


@pytest.fixture
def tiny_encoder(tmp_path: Path) -> Path:
    """The directory of the model, which may be changed."""
    directory = tmp_path / "encoder"
    shutil.copytree(BERT, directory)
    (directory / "vocab.txt").write_text("\n".join(TOKENS) + "\n")
    return directory


def add_modules(directory: Path, modules: Mapping[str, Mapping[str, Any]]) -> None:
    """Say what becomes of the states of tokens: type of module -> its config."""
    names = ["Transformer", *modules]
    listed = [{"path": f"{number}_{name}" if number else "", "type": f"sentence_transformers.models.{name}"}
              for number, name in enumerate(names)]  # fmt: skip
    (directory / "modules.json").write_text(json.dumps(listed))
    for module, config in zip(listed[1:], modules.values(), strict=True):
        (directory / module["path"]).mkdir(exist_ok=True)
        (directory / module["path"] / "config.json").write_text(json.dumps(config))
