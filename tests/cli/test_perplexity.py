"""`rlxc perplexity` with a tiny model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rlxc import load_model

Rlxc = Callable[..., tuple[int, str, str]]
TEXT = "It was a dark night."


def test_text(rlxc: Rlxc, tiny_model: Path, tmp_path: Path):
    file, model = tmp_path / "text", load_model(tiny_model, "numpy")
    file.write_text(TEXT)
    expected = model.perplexity(model.tokenizer.encode(TEXT), 8)
    code, text, _ = rlxc("perplexity", tiny_model, file, "--window", 8, "--target", "numpy")
    assert (code, text) == (0, f"perplexity {expected:.4f} of {len(TEXT)} tokens\n")


def test_text_is_too_short(rlxc: Rlxc, tiny_model: Path):
    code, text, said = rlxc("perplexity", tiny_model, "-", "--target", "numpy", stdin="I")
    assert (code, text) == (1, "")
    assert said.startswith("error: perplexity is that of one text of at least two tokens")
