"""Object code from a process of its own: the same as from this one, and the same errors."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from mlir_tools import tools_directory
from rlxc.diagnostics import RlxcError
from rlxc.native import DefaultToolchain, mlir_process
from rlxc.native.codegen import Target, compile_object, host_target
from rlxc.native.compile_process import compile_apart, compiling, started_compiler

MORE = "define void @_mlir_ciface_more() {\n  ret void\n}\n"
TIMEOUT = 60.0


def made_here(text: str) -> bytes:
    toolchain = DefaultToolchain()
    return toolchain.compile_object(toolchain.lower(text) + MORE)


def test_same_code_as_from_this_process(affine_text: Callable[[str], str]) -> None:
    with DefaultToolchain().compiling() as compile_text:
        assert compile_text(affine_text("mirrored"), MORE) == made_here(affine_text("mirrored"))


def test_tools_serve_when_the_bindings_are_missing(
    affine_text: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tools_directory()), prepend=":")
    monkeypatch.setattr(mlir_process, "have_bindings", lambda: False)
    with compiling(host_target(), 2, TIMEOUT) as compile_text:
        assert compile_text(affine_text("mirrored"), MORE).startswith(b"\x7fELF")


def test_llvm_ir_alone() -> None:
    two = "define void @one() {\n  ret void\n}\ndefine void @other() {\n  ret void\n}\n"
    assert compile_apart(two, host_target(), ["one"]) == compile_object(two, exported=["one"])


def test_refused_llvm_ir_alone() -> None:
    with pytest.raises(RlxcError, match=r"^LLVM refused the module: .*expected type"):
        compile_apart("define void @f( {", host_target(), ["f"])


def test_refused_module() -> None:
    with (
        compiling(host_target(), 2, TIMEOUT) as compile_text,
        pytest.raises(RlxcError, match="MLIR refused the module: line 1, column 14: expected non-function type"),
    ):
        compile_text("func.func @f( {", "")


def test_refused_llvm_ir(affine_text: Callable[[str], str]) -> None:
    with (
        compiling(host_target(), 2, TIMEOUT) as compile_text,
        pytest.raises(RlxcError, match=r"^LLVM refused the module: .*expected type"),
    ):
        compile_text(affine_text("mirrored"), "define void @f( {")


def test_unknown_machine(affine_text: Callable[[str], str]) -> None:
    with (
        compiling(Target("vax-unknown-unknown", ""), 2, TIMEOUT) as compile_text,
        pytest.raises(RlxcError, match=r"^LLVM has no target 'vax-unknown-unknown'"),
    ):
        compile_text(affine_text("mirrored"), "")


def test_killed_process() -> None:
    suicide = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    with (
        started_compiler([sys.executable, "-c", suicide], TIMEOUT) as compile_text,
        pytest.raises(RlxcError, match=r"MLIR crashed \(SIGKILL\) on the module$"),
    ):
        compile_text("module {}", "")
