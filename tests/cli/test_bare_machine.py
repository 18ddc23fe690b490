"""`rlxc` where packages or the C compiler are missing: what needs them says so, and everything else works."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Rlxc = Callable[..., tuple[int, str, str]]

EXAMPLE = Path(__file__).parents[2] / "examples" / "qk_norm.mlir"

HIDDEN = """
import sys

class Hidden:
    def find_spec(self, name, path, target=None):
        if name.partition(".")[0] in ("mlir", "llvmlite"):
            raise ModuleNotFoundError(f"No module named '{name}'", name=name)

sys.meta_path.insert(0, Hidden())
"""
"""What Python runs first: the packages of `rlxc[native]` look as if they were not installed."""


@pytest.fixture(autouse=True)
def nothing_on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))


def without_extra(arguments: str) -> tuple[int, str, str]:
    """`rlxc` in a Python without the native extra."""
    Path("site").mkdir(exist_ok=True)
    Path("site/sitecustomize.py").write_text(HIDDEN)
    command = [sys.executable, "-m", "rlxc", *arguments.split()]
    environment = {**os.environ, "PYTHONPATH": "site"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("arguments", ["run {} --target=native --weights=random:0", "compile {} -o layer.o"])
def test_native_code_needs_the_extra(arguments: str) -> None:
    code, output, errors = without_extra(arguments.format(EXAMPLE))
    assert (code, output) == (1, "")
    assert errors == (
        "error: the native target needs llvmlite: No module named 'llvmlite'\nhint: pip install 'rlxc[native]'\n"
    )
    assert [path.name for path in Path().iterdir()] == ["site"]


@pytest.mark.parametrize(
    "arguments",
    ["run {} --target=numpy --weights=random:0", "compile {} -o layer.py", "compile {} --emit=kernels -o layer.mlir"],
)
def test_all_else_does_without(arguments: str) -> None:
    code, _, errors = without_extra(arguments.format(EXAMPLE))
    assert (code, errors) == (0, "")


@pytest.mark.parametrize(("form", "name"), [("kernels", "a.mlir"), ("llvm", "a.mlir"), ("ll", "a.ll"), ("obj", "a.o")])
def test_only_libraries_need_a_c_compiler(rlxc: Rlxc, form: str, name: str) -> None:
    assert rlxc("compile", EXAMPLE, f"--emit={form}", "-o", name)[0] == 0
    assert Path(name).stat().st_size > 0


def test_library_without_a_c_compiler(rlxc: Rlxc) -> None:
    code, _, errors = rlxc("compile", EXAMPLE, "-o", "layer.so")
    assert code == 1
    assert errors == (
        "error: a shared library needs the C compiler 'cc' to link, and none is on PATH\n"
        "hint: install gcc or clang, or emit an object file (--emit=obj)\n"
    )
    assert list(Path().iterdir()) == []


def test_native_target_runs_without_a_c_compiler(rlxc: Rlxc) -> None:
    code, output, _ = rlxc("run", EXAMPLE, "--target=native", "--weights=random:0", "--check")
    assert code == 0
    assert "float32 1x8x512" in output
