"""Text from a model with experts."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from reference_models import MODELS

Rlxc = Callable[..., tuple[int, str, str]]


@pytest.mark.parametrize("name", ["mixtral", "qwen2_moe"])
def test_text(name: str, rlxc: Rlxc, tiny_model: Path, tmp_path: Path) -> None:
    """On both targets the same, as far as a token of the tokenizer is one of the model."""
    directory = shutil.copytree(MODELS / name, tmp_path / name)
    shutil.copy(tiny_model / "tokenizer.json", directory)
    options = ("--no-chat", "--max-new-tokens", "6")
    texts = [rlxc("generate", directory, "some", *options, "--target", target)[:2] for target in ("numpy", "native")]
    assert texts[0] == texts[1]
    assert (texts[0][0], len(texts[0][1]) > 0) == (0, True)
