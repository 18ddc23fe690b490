"""Object code from a process of its own: the same as from this one, and the same errors."""

from __future__ import annotations

import ctypes
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from mlir_tools import tools_directory
from rlxc.diagnostics import RlxcError
from rlxc.native import DefaultToolchain, mlir_process
from rlxc.native.codegen import Target, compile_object, host_target
from rlxc.native.compile_process import Part, compile_apart, compiling, options, started_compiler
from rlxc.native.library import Library
from rlxc.native.mlir_process import worker

MORE = "define void @_mlir_ciface_more() {\n  ret void\n}\n"
TIMEOUT = 60.0

DEADLY = """
func.func @f(%x: memref<?xi1>, %i: index) -> i1 {
  %0 = memref.load %x[%i] : memref<?xi1>
  return %0 : i1
}"""
"""MLIR cannot load such numbers."""


def made_here(text: str) -> bytes:
    toolchain = DefaultToolchain()
    return toolchain.compile_object(toolchain.lower(text) + MORE)


def test_same_code_as_from_this_process(affine_text: Callable[[str], str]) -> None:
    with DefaultToolchain().compiling() as compile_parts:
        (found,) = compile_parts([Part(affine_text("mirrored"), MORE)])
        assert found == made_here(affine_text("mirrored"))


def test_tools_serve_when_the_bindings_are_missing(
    affine_text: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tools_directory()), prepend=":")
    monkeypatch.setattr(mlir_process, "have_bindings", lambda: False)
    with compiling(host_target(), 2, TIMEOUT) as compile_parts:
        (found,) = compile_parts([Part(affine_text("mirrored"), MORE)])
        assert found.startswith(b"\x7fELF")


def test_llvm_ir_alone() -> None:
    two = "define void @one() {\n  ret void\n}\ndefine void @other() {\n  ret void\n}\n"
    assert compile_apart(two, host_target(), ["one"]) == compile_object(two, exported=["one"])


def test_refused_llvm_ir_alone() -> None:
    with pytest.raises(RlxcError, match=r"^LLVM refused the module: .*expected type"):
        compile_apart("define void @f( {", host_target(), ["f"])


def test_refused_module() -> None:
    with (
        compiling(host_target(), 2, TIMEOUT) as compile_parts,
        pytest.raises(RlxcError, match="MLIR refused the module: line 1, column 14: expected non-function type"),
    ):
        compile_parts([Part("func.func @f( {")])


def test_refused_llvm_ir(affine_text: Callable[[str], str]) -> None:
    with (
        compiling(host_target(), 2, TIMEOUT) as compile_parts,
        pytest.raises(RlxcError, match=r"^LLVM refused the module: .*expected type"),
    ):
        compile_parts([Part(affine_text("mirrored"), "define void @f( {")])


def test_unknown_machine(affine_text: Callable[[str], str]) -> None:
    with (
        compiling(Target("vax-unknown-unknown", ""), 2, TIMEOUT) as compile_parts,
        pytest.raises(RlxcError, match=r"^LLVM has no target 'vax-unknown-unknown'"),
    ):
        compile_parts([Part(affine_text("mirrored"))])


def test_killed_process() -> None:
    suicide = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    with (
        started_compiler([sys.executable, "-c", suicide], TIMEOUT) as compile_parts,
        pytest.raises(RlxcError, match=r"MLIR crashed \(SIGKILL\) on the module$"),
    ):
        compile_parts([Part("module {}")])


TWICE = "define void @_mlir_ciface_f(ptr %x) {\n  call void @twice(ptr %x)\n  ret void\n}\ndeclare void @twice(ptr)\n"
"""It calls what another part defines."""

OTHER = "define void @twice(ptr %x) {\n  store i32 2, ptr %x\n  ret void\n}\n"


def test_parts_are_linked() -> None:
    with compiling(host_target(), 2, TIMEOUT) as compile_parts:
        parts = compile_parts([Part("module {}", TWICE), Part("module {}", OTHER, ("twice",))])
    number = ctypes.c_int32(0)
    Library(parts, ["_mlir_ciface_f"]).function("_mlir_ciface_f", None, ctypes.c_void_p)(ctypes.addressof(number))
    assert number.value == 2


@pytest.mark.parametrize(
    ("text", "llvm_ir", "message"),
    [
        ("func.func @f( {", "", r"^MLIR refused the module: line 1, column 14: expected non-function type"),
        ("module {}", "define void @f( {", "^LLVM refused the module: .*expected type"),
        ("module {}", OTHER, "^the module exports nothing"),
        (DEADLY, "", r"^MLIR crashed \(SIGABRT\) on the module: Assertion .* failed"),
    ],
)
def test_failure_of_the_second_part(text: str, llvm_ir: str, message: str) -> None:
    with compiling(host_target(), 2, TIMEOUT) as compile_parts, pytest.raises(RlxcError, match=message) as caught:
        compile_parts([Part("module {}", TWICE), Part(text, llvm_ir)])
    assert "\n" not in str(caught.value)


def test_mistake_in_the_second_part() -> None:
    """What only a bug raises is one line, too."""
    wrong: Any = 5
    with compiling(host_target(), 2, TIMEOUT) as compile_parts, pytest.raises(RlxcError, match=r"^TypeError: .*int"):
        compile_parts([Part("module {}", TWICE), Part("module {}", OTHER, wrong)])


@pytest.mark.parametrize(
    ("first", "timeout", "message"),
    [
        ("func.func @f( {", 60.0, "^MLIR refused the module"),
        (DEADLY, 60.0, r"^MLIR crashed \(SIGABRT\)"),
        ("module {}", 2.0, "^MLIR did not finish within 2 s"),
    ],
)
def test_no_fork_is_left_behind(first: str, timeout: float, message: str) -> None:
    """Whatever happens to the first part, while the second takes seconds; a fork has the command line of its parent."""
    command = worker("object", options(host_target(), 2))
    marked = [command[0], "-X", MARK, *command[1:]]
    slow = Part("module {}", ENDLESS, ("f",))
    with ThreadPoolExecutor(1) as other, started_compiler(marked, timeout) as compile_parts:
        most = other.submit(lambda: max(count_marked() for _ in range(100) if time.sleep(0.02) is None))
        start = time.perf_counter()
        with pytest.raises(RlxcError, match=message):
            compile_parts([Part(first, TWICE if first == "module {}" else ""), slow])
        assert time.perf_counter() - start < 5
    assert eventually(lambda: count_marked() == 0)
    # Where the first part fails at once, nobody may look in time.
    assert most.result() == 2 if timeout < 5 else most.result() >= 1


def count_marked() -> int:
    """The processes with the mark."""
    return sum(map(has_mark, Path("/proc").glob("[0-9]*/cmdline")))


def eventually(holds: Callable[[], bool]) -> bool:
    """Whether something holds now or soon: processes that are killed take a moment to go."""
    return any(holds() or time.sleep(0.05) for _ in range(100))


MARK = "no-fork-is-left-behind"

PRODUCTS = "".join(f"  %v{n + 1} = fmul double %v{n}, {n}.5\n" for n in range(60_000))
ENDLESS = f"define double @f(double %v0) {{\n{PRODUCTS}  ret double %v60000\n}}\n"
"""It takes LLVM ten seconds."""


def has_mark(path: Path) -> bool:
    try:
        return MARK.encode() in path.read_bytes()
    except OSError:
        return False
