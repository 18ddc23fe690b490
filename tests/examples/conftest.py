"""The shipped examples, and the command `rlxc` with its result in a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rlxc.cli import main

Emit = Callable[..., str]
"""A program and options of `rlxc compile`, to what it writes."""


@pytest.fixture
def emit(tmp_path: Path) -> Emit:
    """Compile a program; that it compiles is asserted."""

    def compile_to_text(program: Path, form: str, *options: str) -> str:
        output = tmp_path / f"{program.stem}.{form}"
        assert main(["compile", str(program), f"--emit={form}", "-o", str(output), *options]) == 0
        return output.read_text("utf-8")

    return compile_to_text
