"""The command `rlxc`, run in this process."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable

import pytest

from rlxc.cli import main
from tiny_models import tiny_model

__all__ = ["Rlxc", "rlxc", "tiny_model"]

Rlxc = Callable[..., tuple[int, str, str]]
"""Arguments to exit code, standard output and standard error."""


@pytest.fixture
def rlxc(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Rlxc:
    """Run `rlxc` with these arguments and this standard input."""

    def run(*arguments: object, stdin: str | bytes = "") -> tuple[int, str, str]:
        data = stdin.encode() if isinstance(stdin, str) else stdin
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run
