"""The page on flows as text: its example is one, and it names every statement."""

from __future__ import annotations

import re
from pathlib import Path

from rlxc.flow.language import read_flow
from rlxc.flow.language.format import formatted
from rlxc.flow.language.grammar import parser

PAGE = (Path(__file__).parents[2] / "docs" / "flow.md").read_text("utf-8")


def test_example() -> None:
    blocks = re.findall(r"^```\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    text = next(block for block in blocks if "model block" in block)
    assert formatted(text) == text
    read = read_flow(text, config={"num_hidden_layers": 2})
    assert str(read.flow.build(read.weights)).count("func.call @layer_0") == 2


def test_every_word_is_explained() -> None:
    words = {terminal.pattern.value for terminal in parser().terminals if terminal.pattern.type == "str"}
    explained = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`\n]+)`", PAGE))))
    assert {word for word in words if word.isalpha()} <= explained
