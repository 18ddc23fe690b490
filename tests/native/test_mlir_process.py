"""MLIR in a subprocess: what it refuses, how it dies, and what is left behind."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mlir_tools import mlir_opt, tools_directory
from rlxc.diagnostics import RlxcError
from rlxc.native import DefaultToolchain, mlir_process
from rlxc.native.codegen import compile_object
from rlxc.native.mlir_process import find_tool, lower_with_bindings, lower_with_tools, run_mlir

Lower = Callable[[str, float], str]
TIMEOUT = 60.0

REFUSED = {
    "syntax": ("func.func @f( {", "line 1, column 14: expected non-function type"),
    "verifier": (
        "func.func @f() -> f32 {\n  return\n}",
        r"line 2, column 3: 'func.return' op has 0 operands, but enclosing function \(@f\) returns 1",
    ),
    "unknown operation": (
        'func.func @f() {\n  "rlx.matmul"() : () -> ()\n  return\n}',
        "line 2, column [0-9]+: .*unregistered",
    ),
}

DEADLY = {
    "assertion": (
        "func.func @f(%x: memref<?xi1>, %i: index) -> i1 {\n"
        "  %0 = memref.load %x[%i] : memref<?xi1>\n  return %0 : i1\n}",
        r"MLIR crashed \(SIGABRT\) on the module: Assertion .* failed",
    ),
}

NOT_LOWERED = "func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {\n  return %x : tensor<4xf32>\n}"


@pytest.fixture(params=["bindings", "tools"])
def lower(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Lower:
    """Both ways to run MLIR."""
    monkeypatch.setenv("PATH", str(tools_directory()), prepend=":")
    return lower_with_bindings if request.param == "bindings" else lower_with_tools


@pytest.mark.parametrize("name", ["gated_linear", "scalars"])
def test_llvm_ir_is_complete(lower: Lower, affine_text: Callable[[str], str], name: str) -> None:
    llvm_ir = lower(affine_text(name), TIMEOUT)
    compile_object(llvm_ir)
    for symbol in (f"_mlir_ciface_{name}", f"_mlir_ciface_{name}_prepare"):
        assert f"define void @{symbol}(" in llvm_ir or f"define i64 @{symbol}(" in llvm_ir


@pytest.mark.parametrize("case", REFUSED)
def test_refused_module(lower: Lower, case: str) -> None:
    text, message = REFUSED[case]
    with pytest.raises(RlxcError, match=f"MLIR refused the module: {message}") as caught:
        lower(text, TIMEOUT)
    assert "\n" not in str(caught.value)
    assert "error:" in caught.value.__notes__[0]


@pytest.mark.parametrize("case", DEADLY)
def test_module_that_kills_mlir(lower: Lower, case: str) -> None:
    text, message = DEADLY[case]
    with pytest.raises(RlxcError, match=message) as caught:
        lower(text, TIMEOUT)
    assert "\n" not in str(caught.value)


def test_module_that_is_not_lowered_kills_the_translation() -> None:
    with pytest.raises(RlxcError, match=r"MLIR crashed \(SIGSEGV\) on the module: .*cannot be converted to LLVM IR"):
        lower_with_bindings(NOT_LOWERED, TIMEOUT)


def test_module_that_is_not_lowered_is_refused_by_the_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tools_directory()), prepend=":")
    with pytest.raises(RlxcError, match=r"MLIR refused the module: .*cannot be converted to LLVM IR"):
        lower_with_tools(NOT_LOWERED, TIMEOUT)


def test_killed_worker() -> None:
    suicide = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    with pytest.raises(RlxcError, match=r"MLIR crashed \(SIGKILL\) on the module$"):
        run_mlir([sys.executable, "-c", suicide], "", TIMEOUT)


def test_timeout(affine_text: Callable[[str], str]) -> None:
    with pytest.raises(RlxcError, match=r"MLIR did not finish within 0\.001 s and was stopped"):
        DefaultToolchain(timeout=0.001).lower(affine_text("scalars"))


def test_worker_that_cannot_start() -> None:
    with pytest.raises(RlxcError, match=r"cannot start MLIR: .*nonexistent"):
        run_mlir(["/nonexistent/mlir-opt"], "", TIMEOUT)


def test_no_process_is_left_behind() -> None:
    """In a process of its own, whose only children are the workers: after failures none is left to wait for."""
    program = f"""
import os
from rlxc.diagnostics import RlxcError
from rlxc.native.mlir_process import lower_with_bindings, started_process, worker
try:
    with started_process(worker("ll"), {TIMEOUT}):
        raise RlxcError("there is no module after all")
except RlxcError as error:
    print(error)
for text, timeout in {[(DEADLY["assertion"][0], TIMEOUT), ("func.func @f( {", TIMEOUT), ("module {}", 0.05)]!r}:
    try:
        lower_with_bindings(text, timeout)
    except RlxcError as error:
        print(error)
try:
    os.waitpid(-1, os.WNOHANG)
except ChildProcessError:
    print("no children")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    unused, crashed, refused, stopped, last = done.stdout.splitlines()
    assert unused == "there is no module after all"
    assert "SIGABRT" in crashed
    assert "expected non-function type" in refused
    assert "0.05 s" in stopped
    assert last == "no children"


def test_worker_that_gets_no_module_ends() -> None:
    """As when the process that has started it is killed, which closes its input."""
    assert "define" not in lower_with_bindings("", TIMEOUT)


def test_tools_of_another_version_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("mlir-opt", "mlir-translate"):
        script = tmp_path / name
        script.write_text("#!/bin/sh\necho '  LLVM version 19.1.7'\n")
        script.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(RlxcError, match=r"mlir-opt' is LLVM version 19\.1\.7, rlxc needs MLIR 22"):
        lower_with_tools("module {}", TIMEOUT)


def test_tools_from_pypi_need_no_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_tool("mlir-opt") == str(tools_directory() / "mlir-opt")


@pytest.mark.parametrize("name", ["gated_linear", "scalars"])
def test_llvm_dialect(lower: Callable[..., str], affine_text: Callable[[str], str], name: str) -> None:
    dialect = mlir_opt(lower(affine_text(name), TIMEOUT, "mlir"))
    assert f"llvm.func @_mlir_ciface_{name}(" in dialect
    assert "memref." not in dialect


def test_missing_tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(mlir_process, "packaged_tools", list)
    with pytest.raises(RlxcError, match="'mlir-opt' is neither on PATH nor in the package"):
        lower_with_tools("module {}", TIMEOUT)
