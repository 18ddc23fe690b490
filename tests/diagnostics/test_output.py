"""Output files are complete or not there."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from rlxc.diagnostics import RlxcError, write_atomically


def test_text_and_bytes(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a", "é\n")
    write_atomically(tmp_path / "b", b"\xff")
    assert (tmp_path / "a").read_bytes() == "é\n".encode()
    assert (tmp_path / "b").read_bytes() == b"\xff"


def test_replaces_and_keeps_the_mode(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_text("old")
    path.chmod(0o750)
    write_atomically(path, "new")
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o750


def test_new_files_obey_the_umask(tmp_path: Path) -> None:
    previous = os.umask(0o027)
    try:
        write_atomically(tmp_path / "out", "")
    finally:
        os.umask(previous)
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o640


def test_follows_a_symbolic_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "target")
    write_atomically(tmp_path / "link", "x")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_text() == "x"


def test_writes_to_a_device() -> None:
    write_atomically("/dev/null", "x")
    assert Path("/dev/null").is_char_device()


def test_missing_directory(tmp_path: Path) -> None:
    path = tmp_path / "no" / "out"
    with pytest.raises(RlxcError, match=r"cannot write '.*out': No such file or directory") as caught:
        write_atomically(path, "x")
    assert caught.value.hint == f"create the directory '{tmp_path / 'no'}' first"


def test_directory_in_the_way(tmp_path: Path) -> None:
    with pytest.raises(RlxcError, match="Is a directory") as caught:
        write_atomically(tmp_path, "x")
    assert caught.value.hint == "give the name of a file, not of a directory"


def test_file_where_a_directory_is_needed(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RlxcError, match="cannot write"):
        write_atomically(tmp_path / "file" / "out", "x")


def test_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "out"
    path.write_text("old")

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(RlxcError, match="No space left on device"):
        write_atomically(path, "new")
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]
    assert path.read_text() == "old"


def test_read_only_file_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "out"
    path.write_text("old")

    def denied(path: Path, mode: int) -> bool:
        return False

    monkeypatch.setattr(os, "access", denied)
    with pytest.raises(RlxcError, match="the file is read-only"):
        write_atomically(path, "new")
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]
