"""A tiny Llama with a tokenizer of one token a character, and a chat template."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tokenizers import Tokenizer
from tokenizers.decoders import Fuse
from tokenizers.models import BPE

LLAMA = Path(__file__).parents[1] / "data" / "models" / "llama_tiny"
TEMPLATE = "{% for one in messages %}{{ one.role[0] }}:{{ one.content }};{% endfor %}a:"


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of the model."""
    directory = tmp_path_factory.mktemp("models") / "tiny"
    shutil.copytree(LLAMA, directory)
    characters = [chr(code) for code in range(32, 127)] + [chr(code) for code in range(0xC0, 0xE1)]
    tokenizer = Tokenizer(BPE(vocab={one: number for number, one in enumerate(characters)}, merges=[]))
    tokenizer.decoder = Fuse()
    tokenizer.save(str(directory / "tokenizer.json"))
    (directory / "chat_template.jinja").write_text(TEMPLATE)
    return directory
