"""How sentence-transformers says that texts are read: behind a prompt, in lower case, so many tokens of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from rlxc.models.checkpoint.checkpoint import Checkpoint
from rlxc.models.checkpoint.json_file import read_flag, read_object, unreadable

LIMITS = "sentence_bert_config.json"
PROMPTS = "config_sentence_transformers.json"


@dataclass(frozen=True)
class TextReading:
    """What becomes of a text before it becomes ids."""

    prompt: str = ""
    """What comes before each text."""

    lower_case: bool = False
    """Whether prompt and text are put in lower case."""

    most_tokens: int | None = None
    """How many tokens of a text are read; None for as many as the model can read."""

    def whole(self, text: str) -> str:
        """The text as the tokenizer reads it."""
        whole = self.prompt + text
        return whole.lower() if self.lower_case else whole


def text_reading(checkpoint: Checkpoint, prompt: str | None = None) -> TextReading:
    """What the checkpoint says; its default prompt unless one is given. Raises RlxcError for values of wrong types."""
    directory = checkpoint.tokenizer_source
    if not isinstance(directory, Path):
        return TextReading(prompt or "")
    if prompt is None:
        prompt = default_prompt(directory / PROMPTS)
    path = directory / LIMITS
    limits = read_object(path) if path.exists() else {}
    return TextReading(prompt, read_flag(path, limits, "do_lower_case", default=False), most_tokens(path, limits))


def most_tokens(path: Path, limits: dict[str, Any]) -> int | None:
    """The limit that a config sets."""
    most = limits.get("max_seq_length")
    if most is not None and (not isinstance(most, int) or isinstance(most, bool) or most < 1):
        raise unreadable(path, f"'max_seq_length' is {most!r:.80}, expected a positive integer or null")
    return most


def default_prompt(path: Path) -> str:
    """The prompt that a config names as its default; empty if it names none."""
    config = read_object(path) if path.exists() else {}
    name, prompts = config.get("default_prompt_name"), config.get("prompts")
    if name is None:
        return ""
    known = isinstance(name, str) and isinstance(prompts, dict)
    prompt = cast("dict[str, object]", prompts).get(name) if known else None
    if not isinstance(prompt, str):
        raise unreadable(path, f"'default_prompt_name' is {name!r:.80}, which is no text in 'prompts'", "give a prompt")
    return prompt
