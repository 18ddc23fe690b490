"""What is said where packages of the extra `rlxc[models]` are missing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

DATA = Path(__file__).parents[1] / "data"
PROGRAM = """
import sys
sys.modules[{package!r}] = None
from rlxc import RlxcError
from rlxc.models.checkpoint import open_checkpoint
from rlxc.models.tokenizer import Tokenizer, load_tokenizer
try:
    {statement}
except RlxcError as error:
    print(error.message, error.hint)
"""


@pytest.mark.parametrize(
    ("package", "statement", "what"),
    [
        ("gguf", f"open_checkpoint({str(DATA / 'gguf' / 'llama_q8_0.gguf')!r})", "a model"),
        ("tokenizers", f"load_tokenizer(open_checkpoint({str(DATA / 'models' / 'qwen2')!r}))", "a tokenizer"),
        ("jinja2", "Tokenizer(None, chat_template='hi').render_chat([])", "a chat template"),
    ],
)
def test_missing_package(package: str, statement: str, what: str) -> None:
    program = PROGRAM.format(package=package, statement=statement)
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.startswith(f"{what} needs a package: ")
    assert package in result.stdout
    assert result.stdout.endswith("pip install 'rlxc[models]'\n")
