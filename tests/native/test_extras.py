"""Without the packages of `rlxc[native]`, or with broken ones: a message that says what to install."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import pytest

from mlir_tools import tools_directory
from rlxc.diagnostics import RlxcError
from rlxc.native import DefaultToolchain
from rlxc.native.codegen import compile_object
from rlxc.native.library import Library


class Blocker(MetaPathFinder):
    """Makes a package look as if it were not installed."""

    def __init__(self, package: str):
        self.package = package

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Refuse the package, and leave all others to the next finder."""
        if fullname.split(".")[0] == self.package:
            raise ModuleNotFoundError(f"No module named '{fullname}'", name=fullname)
        return None


def block(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide `package` for the rest of the test."""
    for name in [name for name in sys.modules if name.split(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [Blocker(package), *sys.meta_path])


def test_without_llvmlite(monkeypatch: pytest.MonkeyPatch) -> None:
    block("llvmlite", monkeypatch)
    with pytest.raises(RlxcError, match="needs llvmlite") as caught:
        compile_object("define void @_mlir_ciface_f() { ret void }")
    assert caught.value.hint == "pip install 'rlxc[native]'"
    with pytest.raises(RlxcError, match="needs llvmlite"):
        Library([b""], [])


def test_without_mlir(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    block("mlir", monkeypatch)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RlxcError, match="needs the MLIR 22 Python bindings") as caught:
        DefaultToolchain().lower("module {}")
    assert caught.value.hint == "pip install 'rlxc[native]'"


def test_command_line_tools_serve_when_the_bindings_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    block("mlir", monkeypatch)
    monkeypatch.setenv("PATH", str(tools_directory()), prepend=":")
    module = "func.func @f() attributes {llvm.emit_c_interface} { return }"
    assert "define void @_mlir_ciface_f()" in DefaultToolchain().lower(module)


def test_bindings_that_do_not_load(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As when the wheel with libLLVM.so is not installed beside that of the bindings."""
    (tmp_path / "mlir").mkdir()
    message = "libLLVM.so: cannot open shared object file"
    (tmp_path / "mlir" / "ir.py").write_text(f"raise ImportError({message!r})\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=":")
    with pytest.raises(RlxcError, match=f"the MLIR Python bindings do not load: {message}") as caught:
        DefaultToolchain().lower("module {}")
    assert caught.value.hint == "pip install 'rlxc[native]'"


def test_importing_the_package_imports_neither() -> None:
    program = "import sys, rlxc.native; print(sorted({'mlir', 'llvmlite'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
