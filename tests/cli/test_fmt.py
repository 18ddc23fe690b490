"""`rlxc fmt`: files, the standard input, and `--check`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Rlxc = Callable[..., tuple[int, str, str]]

ODD = "model m(){softcap( 1 )} # end"
FORM = "model m() {\n  softcap(1)\n}  # end\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file that is not in the one form."""
    path = tmp_path / "m.flow"
    path.write_text(ODD)
    return path


def test_files_are_written(rlxc: Rlxc, file: Path) -> None:
    assert rlxc("fmt", file) == (0, "", f"formatted {file}\n")
    assert file.read_text() == FORM
    assert rlxc("fmt", file) == (0, "", "")


def test_check_writes_nothing(rlxc: Rlxc, file: Path) -> None:
    assert rlxc("fmt", "--check", file) == (1, "", f"would format {file}\n")
    assert file.read_text() == ODD
    file.write_text(FORM)
    assert rlxc("fmt", "--check", file) == (0, "", "")


def test_standard_input(rlxc: Rlxc) -> None:
    assert rlxc("fmt", "-", stdin=ODD) == (0, FORM, "")


def test_a_wrong_file_stays(rlxc: Rlxc, file: Path) -> None:
    file.write_text("model m() {\n  softcap(1\n}\n")
    code, _, errors = rlxc("fmt", file)
    assert code == 1
    assert f"{file}:3:1: error: unexpected '}}'" in errors
    assert file.read_text() == "model m() {\n  softcap(1\n}\n"
