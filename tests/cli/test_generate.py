"""`rlxc generate` with a tiny model."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from rlxc import load_model
from rlxc.cli import generate_session

Rlxc = Callable[..., tuple[int, str, str]]
OPTIONS = ("--target", "numpy", "--max-new-tokens", "12")


def continued(directory: Path, text: str, count: int) -> str:
    """The text as the model continues it."""
    model = load_model(directory, "numpy")
    ids = model.generate([model.tokenizer.encode(text)], count)[0].tolist()
    return model.tokenizer.decode([token for token in ids if token not in model.stop_ids])


def test_prompt_is_a_message(rlxc: Rlxc, tiny_model: Path):
    code, text, said = rlxc("generate", tiny_model, "Hello", *OPTIONS)
    assert (code, text) == (0, continued(tiny_model, "u:Hello;a:", 12) + "\n")
    assert re.search(r"^prompt: 10 tokens, [\d.]+ tokens/s\ndecode: 11 tokens, [\d.]+ tokens/s\nmemory: ", said, re.M)


def test_system(rlxc: Rlxc, tiny_model: Path):
    _, text, _ = rlxc("generate", tiny_model, "Hello", "--system", "Be brief", *OPTIONS)
    assert text == continued(tiny_model, "s:Be brief;u:Hello;a:", 12) + "\n"


def test_prompt_is_continued_from_standard_input(rlxc: Rlxc, tiny_model: Path):
    _, text, _ = rlxc("generate", tiny_model, "-", "--no-chat", *OPTIONS, stdin="Hello\n")
    assert text == continued(tiny_model, "Hello", 12) + "\n"


def test_stop_text(rlxc: Rlxc, tiny_model: Path):
    whole = continued(tiny_model, "Hello", 12)
    stop = whole[5:8]
    _, text, _ = rlxc("generate", tiny_model, "Hello", "--no-chat", "--stop", stop, *OPTIONS)
    assert text == whole[: whole.index(stop)] + "\n"


def test_seeds(rlxc: Rlxc, tiny_model: Path):
    sampled = [
        rlxc("generate", tiny_model, "Hello", *OPTIONS, "--temperature", "2", "--seed", seed)[1] for seed in (1, 1, 2)
    ]
    assert sampled[0] == sampled[1] != sampled[2]


def test_text_ends_where_the_context_is_full(rlxc: Rlxc, tiny_model: Path):
    code, text, _ = rlxc("generate", tiny_model, "Hello", "--no-chat", "--target", "numpy", "--max-context", 9)
    assert (code, text) == (0, continued(tiny_model, "Hello", 5) + "\n")


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (["--max-context", "4"], 1, "error: the text has 10 tokens, but the context holds 4"),
        (["--max-context", "12", "--max-new-tokens", "4"], 1, "error: the text has 10 tokens, and 4 more are wanted"),
        (["--max-new-tokens", "0"], 2, "error: --max-new-tokens must be at least 1, got 0"),
        (["--top-k", "4"], 2, "error: top_k, top_p and min_p are for sampling"),
        (["--no-chat", "--system", "x"], 2, "error: --system is part of a chat"),
        (["--stop", ""], 2, "error: --stop needs a text that is not empty"),
    ],
)
def test_errors(rlxc: Rlxc, tiny_model: Path, options: list[str], code: int, message: str):
    found, text, said = rlxc("generate", tiny_model, "Hello", "--target", "numpy", *options)
    assert (found, text) == (code, "")
    assert said.startswith(message)


def test_prompt_that_is_no_text(rlxc: Rlxc, tiny_model: Path):
    """A byte of an argument that is not UTF-8 is half of a character in Python."""
    code, text, said = rlxc("generate", tiny_model, "Hell\udcff", "--target", "numpy", "--no-chat")
    assert (code, text) == (1, "")
    assert said.startswith(r"error: the text is no Unicode text: '\udcff' at 4 is half a character")


def test_missing_model(rlxc: Rlxc):
    code, _, said = rlxc("generate", "nowhere.gguf", "Hello")
    assert code == 1
    assert said.startswith("error: cannot open the model 'nowhere.gguf': there is no such directory or file")


def test_interrupt_keeps_the_text(capsys: pytest.CaptureFixture[str]):
    def pieces():
        yield "so "
        yield "far"
        raise KeyboardInterrupt

    assert generate_session.write(pieces()) == 130
    assert capsys.readouterr().out == "so far\n"
