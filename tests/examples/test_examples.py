"""Every shipped example: its two files are one program, stock MLIR reads each level, and all targets agree."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mlir_tools import mlir_opt
from rlxc.cli import main

Emit = Callable[..., str]

EXAMPLES = Path(__file__).parents[2] / "examples"
PROGRAMS = sorted(EXAMPLES.glob("*.mlir"))

each_example = pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)


def test_there_are_examples():
    assert {"gemma4_attention", "llama_layer"} <= {program.stem for program in PROGRAMS}


@each_example
def test_flow_makes_the_module(program: Path, emit: Emit):
    assert emit(program.with_suffix(".py"), "rlx") == program.read_text("utf-8")


@each_example
@pytest.mark.parametrize("level", ["linalg", "affine", "kernels", "llvm"])
def test_stock_mlir_reads_level(program: Path, level: str, emit: Emit):
    text = emit(program, level)
    assert "= rlx." not in text
    mlir_opt(text)


@each_example
def test_llvm_text_is_in_the_llvm_dialect(program: Path, emit: Emit):
    lowered = emit(program, "llvm")
    assert f"llvm.func @{program.stem}(" in lowered
    assert "memref." not in lowered
    assert "func.func" not in lowered.replace("llvm.func", "")


@each_example
@pytest.mark.parametrize("target", ["reference", "numpy", "native"])
def test_target_agrees_with_reference(program: Path, target: str, capsys: pytest.CaptureFixture[str]):
    assert main(["run", str(program.with_suffix(".py")), "--target", target, "--check"]) == 0
    assert "check 0: max error" in capsys.readouterr().out
