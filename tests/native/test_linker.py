"""Shared libraries by the C compiler of the machine."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from pathlib import Path

import pytest

from rlxc.diagnostics import RlxcError
from rlxc.native import emit_shared


def test_shared_library_exports_the_c_interface_only(affine_text: Callable[[str], str], tmp_path: Path) -> None:
    path = tmp_path / "gated_linear.so"
    emit_shared(affine_text("gated_linear"), path)
    library = ctypes.CDLL(str(path))
    assert hasattr(library, "_mlir_ciface_gated_linear")
    assert hasattr(library, "_mlir_ciface_gated_linear_prepare")
    assert not hasattr(library, "gated_linear")
    assert list(tmp_path.iterdir()) == [path]


def test_missing_compiler(affine_text: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RlxcError, match="a shared library needs the C compiler 'cc' to link, and none is on PATH"):
        emit_shared(affine_text("scalars"), tmp_path / "scalars.so")
    assert not list(tmp_path.iterdir())


def test_failing_compiler(affine_text: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiler, path = tmp_path / "cc", tmp_path / "scalars.so"
    compiler.write_text("#!/bin/sh\necho 'ld: first line' >&2\necho 'ld: no space left' >&2\nexit 1\n")
    compiler.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(RlxcError, match="cc' cannot link the shared library: ld: no space left"):
        emit_shared(affine_text("scalars"), path)
    assert not path.exists()


def test_directory_that_does_not_exist(affine_text: Callable[[str], str], tmp_path: Path) -> None:
    with pytest.raises(RlxcError, match="missing"):
        emit_shared(affine_text("scalars"), tmp_path / "missing" / "scalars.so")
