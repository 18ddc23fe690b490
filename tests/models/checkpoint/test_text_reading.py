"""How checkpoints say that texts are read, and what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from rlxc import RlxcError
from rlxc.models.checkpoint import open_checkpoint
from rlxc.models.checkpoint.text_reading import LIMITS, PROMPTS, TextReading, text_reading
from tiny_encoders import tiny_encoder

__all__ = ["tiny_encoder"]


def read(directory: Path, name: str, content: Mapping[str, Any], prompt: str | None = None) -> TextReading:
    """What a checkpoint says with one config more."""
    (directory / name).write_text(json.dumps(content))
    return text_reading(open_checkpoint(directory), prompt)


def test_nothing_is_said(tiny_encoder: Path) -> None:
    assert text_reading(open_checkpoint(tiny_encoder)) == TextReading()
    assert read(tiny_encoder, LIMITS, {"max_seq_length": None, "do_lower_case": False}) == TextReading()
    assert read(tiny_encoder, PROMPTS, {"prompts": {"query": "q: "}, "default_prompt_name": None}) == TextReading()


def test_limits(tiny_encoder: Path) -> None:
    reading = read(tiny_encoder, LIMITS, {"max_seq_length": 12, "do_lower_case": True}, "Query: ")
    assert (reading.most_tokens, reading.whole("Hello")) == (12, "query: hello")


def test_default_prompt(tiny_encoder: Path) -> None:
    config = {"prompts": {"query": "q: ", "document": "d: "}, "default_prompt_name": "query"}
    assert read(tiny_encoder, PROMPTS, config).whole("Hello") == "q: Hello"
    assert read(tiny_encoder, PROMPTS, config, prompt="").whole("Hello") == "Hello"


WRONG: list[tuple[str, Mapping[str, Any], str]] = [
    (LIMITS, {"max_seq_length": "12"}, "'max_seq_length' is '12', expected a positive integer or null"),
    (LIMITS, {"max_seq_length": True}, "'max_seq_length' is True"),
    (LIMITS, {"max_seq_length": 0}, "'max_seq_length' is 0"),
    (LIMITS, {"do_lower_case": "yes"}, "'do_lower_case' is 'yes', expected true or false"),
    (PROMPTS, {"default_prompt_name": "query"}, "'default_prompt_name' is 'query', which is no text in 'prompts'"),
    (PROMPTS, {"prompts": {"a": 1}, "default_prompt_name": "a"}, "'default_prompt_name' is 'a', which is no text"),
    (PROMPTS, {"prompts": {"a": "b"}, "default_prompt_name": ["a"]}, r"'default_prompt_name' is \['a'\], which"),
]


@pytest.mark.parametrize(("name", "content", "message"), WRONG)
def test_values_of_wrong_types(tiny_encoder: Path, name: str, content: Mapping[str, Any], message: str) -> None:
    with pytest.raises(RlxcError, match=message):
        read(tiny_encoder, name, content)
