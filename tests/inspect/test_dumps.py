"""Dump directories."""

from __future__ import annotations

from pathlib import Path

import pytest

from rlxc.diagnostics import RlxcError, parse_module
from rlxc.inspect.dumps import DumpDirectory
from rlxc.inspect.pipeline_run import run_pipeline
from rlxc.inspect.pipeline_text import parse_pipeline
from rlxc.inspect.registry import make_context

TEXT = """\
func.func @f(%a: i32) -> i32 {
  %zero = arith.constant 0 : i32
  %b = arith.addi %a, %zero : i32
  return %b : i32
}
"""


def dump(directory: Path, pipeline: str, source: str = "layer.mlir") -> None:
    context = make_context()
    run_pipeline(context, parse_module(context, TEXT), parse_pipeline(pipeline), [DumpDirectory(directory, source)])


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_passes_that_change_nothing_have_no_file(tmp_path: Path) -> None:
    dump(tmp_path / "dumps", "cse,canonicalize,cse")
    assert names(tmp_path / "dumps") == ["00-input.mlir", "01-canonicalize.mlir"]


def test_earlier_dumps_are_replaced_and_other_files_kept(tmp_path: Path) -> None:
    dump(tmp_path, "canonicalize")
    for name in ("02-mine.mlir", "notes.txt"):
        (tmp_path / name).write_text("func.func private @mine()")
    dump(tmp_path, "")
    assert names(tmp_path) == ["00-input.mlir", "02-mine.mlir", "notes.txt"]


def test_first_line_stays_one_line(tmp_path: Path) -> None:
    dump(tmp_path, "", source="a b\nmodule {}")
    assert (tmp_path / "00-input.mlir").read_text().startswith("// rlxc opt 'a b module {}'\nbuiltin.module {\n")


def test_unwritable(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RlxcError, match=r"cannot write dumps to '.*': Not a directory"):
        dump(tmp_path / "file" / "dumps", "")
