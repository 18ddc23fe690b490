"""`rlxc chat` with a tiny model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rlxc import load_model

Rlxc = Callable[..., tuple[int, str, str]]


def test_replies_know_what_was_said(rlxc: Rlxc, tiny_model: Path):
    model, messages, expected = load_model(tiny_model, "numpy"), list[dict[str, str]](), ""
    for message in ("Hi", "And you?"):
        messages.append({"role": "user", "content": message})
        ids = model.generate([model.tokenizer.encode_chat(messages)], 6)[0].tolist()
        messages.append({"role": "assistant", "content": model.tokenizer.decode(ids)})
        expected += messages[-1]["content"] + "\n"
    options = ("--target", "numpy", "--max-new-tokens", 6)
    assert rlxc("chat", tiny_model, *options, stdin="Hi\n\nAnd you?\n") == (0, expected, "")


def test_context_is_full(rlxc: Rlxc, tiny_model: Path):
    options = ("--target", "numpy", "--max-context", 20, "--max-new-tokens", 8)
    code, _, said = rlxc("chat", tiny_model, *options, stdin="Hi\nAnd you?\n")
    assert code == 1
    assert "more are wanted, but the context holds 20" in said
