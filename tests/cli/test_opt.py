"""`rlxc opt`: what it prints, and where."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

Rlxc = Callable[..., tuple[int, str, str]]

ADD_ZERO = """\
func.func @f(%a: i32) -> i32 {
  %zero = arith.constant 0 : i32
  %b = arith.addi %a, %zero : i32
  return %b : i32
}
"""

FOLDED = """\
builtin.module {
  func.func @f(%a: i32) -> i32 {
    func.return %a : i32
  }
}
"""

REPEATED = """\
func.func @f(%q: tensor<1x?x64xf32>, %k: tensor<1x?x32xf32>) -> tensor<1x?x64xf32> {
  %r = rlx.repeat_kv %k {head_dim = 16, group = 2} : tensor<1x?x32xf32> -> tensor<1x?x64xf32>
  %o = rlx.attention %q, %r, %r {num_heads = 4, num_kv_heads = 4, head_dim = 16}
     : tensor<1x?x64xf32>, tensor<1x?x64xf32>
  return %o : tensor<1x?x64xf32>
}
"""


@pytest.fixture
def layer(tmp_path: Path) -> Path:
    path = tmp_path / "layer.mlir"
    path.write_text(ADD_ZERO)
    return path


@pytest.mark.parametrize("arguments", [[], ["-"], ["-", "-o", "-"]])
def test_standard_input_to_standard_output(rlxc: Rlxc, arguments: list[str]) -> None:
    code, out, err = rlxc("opt", *arguments, stdin=ADD_ZERO)
    assert (code, err) == (0, "")
    assert out.startswith("builtin.module {\n  func.func @f(%a: i32)")


@pytest.mark.parametrize(
    "pipeline",
    [
        ["-p", "canonicalize"],
        ["-p", " cse , canonicalize "],
        ["--passes=cse,canonicalize,"],
        ["--pass-pipeline=builtin.module(cse,canonicalize)"],
        ["-p", "fuse"],
        ["-p", "fuse,canonicalize"],
    ],
)
def test_pipelines(rlxc: Rlxc, layer: Path, pipeline: list[str]) -> None:
    assert rlxc("opt", layer, *pipeline) == (0, FOLDED, "")


def test_output_file(rlxc: Rlxc, layer: Path, tmp_path: Path) -> None:
    assert rlxc("opt", layer, "-p", "canonicalize", "-o", tmp_path / "out.mlir") == (0, "", "")
    assert (tmp_path / "out.mlir").read_text() == FOLDED


def test_output_may_be_the_input(rlxc: Rlxc, layer: Path) -> None:
    rlxc("opt", layer, "-p", "canonicalize", "-o", layer)
    assert layer.read_text() == FOLDED


def test_result_is_a_fixpoint_of_printing(rlxc: Rlxc) -> None:
    _, once, _ = rlxc("opt", stdin=REPEATED)
    assert rlxc("opt", stdin=once) == (0, once, "")


def test_print_options(rlxc: Rlxc, layer: Path) -> None:
    assert '"arith.addi"(%a, %zero)' in rlxc("opt", layer, "--print-op-generic")[1]
    assert f'loc("{layer}":3:3)' in rlxc("opt", layer, "--print-debuginfo")[1]
    assert '"func.func"()' in rlxc("opt", layer, "-t", "mlir{print-generic-format=true}")[1]


def test_numpy_target(rlxc: Rlxc) -> None:
    code, out, err = rlxc("opt", "-p", "linalg", "-t", "rlx-numpy", stdin=REPEATED)
    assert (code, err) == (0, "")
    compile(out, "layer.py", "exec")


def test_unregistered_operations(rlxc: Rlxc) -> None:
    text = '%0 = "mine.op"() {a = 1 : i32} : () -> !mine.type'
    assert rlxc("opt", stdin=text)[0] == 1
    code, out, _ = rlxc("opt", "--allow-unregistered-dialect", stdin=text)
    assert code == 0
    assert '"mine.op"() {a = 1 : i32} : () -> !mine.type' in out


def test_split_input_file(rlxc: Rlxc) -> None:
    code, out, _ = rlxc("opt", "--split-input-file", "-p", "canonicalize", stdin=f"{ADD_ZERO}// -----\n{ADD_ZERO}")
    assert (code, out) == (0, f"{FOLDED}// -----\n{FOLDED}")


def test_split_input_file_reports_every_part(rlxc: Rlxc) -> None:
    code, out, err = rlxc("opt", "--split-input-file", stdin=f"a.b\n// -----\n{ADD_ZERO}// -----\n\nc.d\n")
    assert (code, out) == (1, "")
    assert "<stdin>:1:1: error: unknown operation 'a.b'\na.b\n^\n" in err
    assert "<stdin>:10:1: error: unknown operation 'c.d'\nc.d\n^\n" in err


UNVERIFIED = "func.func @f() {\n  %c = arith.constant 0 : i32\n}"


@pytest.mark.parametrize("option", ["--no-verify", "--disable-verify"])
def test_without_verification(rlxc: Rlxc, option: str) -> None:
    assert rlxc("opt", stdin=UNVERIFIED)[0] == 1
    assert rlxc("opt", "--verify-each=false", stdin=UNVERIFIED)[0] == 1
    assert rlxc("opt", option, stdin=UNVERIFIED)[0] == 0


def headings(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("// -----//")]


def heading(when: str, name: str) -> str:
    return f"// -----// IR Dump {when} {name} //----- //"


def test_print_ir_after_change(rlxc: Rlxc, layer: Path) -> None:
    code, out, err = rlxc("opt", layer, "-p", "cse,canonicalize,cse", "--print-ir-after-change")
    assert (code, out) == (0, FOLDED)
    assert err == f"{heading('After', 'canonicalize')}\n{FOLDED}\n"


def test_print_ir_around_all(rlxc: Rlxc, layer: Path) -> None:
    _, _, err = rlxc("opt", layer, "-p", "cse,canonicalize", "--print-ir-before-all", "--print-ir-after-all")
    names = [("Before", "cse"), ("After", "cse"), ("Before", "canonicalize"), ("After", "canonicalize")]
    assert headings(err) == [heading(*name) for name in names]


def test_remarks(rlxc: Rlxc) -> None:
    code, out, err = rlxc("opt", "-p", "rlx-eliminate-repeat-kv", "--remarks", stdin=REPEATED)
    assert code == 0
    assert "remark" not in out
    assert err.startswith("<stdin>:3:3: remark: [rlx-eliminate-repeat-kv] fused: ")


def test_statistics_and_timing(rlxc: Rlxc) -> None:
    _, _, err = rlxc("opt", "-p", "cse,rlx-eliminate-repeat-kv", "--statistics", "--timing", stdin=REPEATED)
    counts = [line.split() for line in err.splitlines()]
    assert ["4", "->", "4", "0", "0", "cse"] in counts
    assert ["4", "->", "3", "1", "0", "rlx-eliminate-repeat-kv"] in counts
    assert [line[-1] for line in counts[-3:]] == ["cse", "rlx-eliminate-repeat-kv", "total"]


def test_dumps_are_reproduced_by_their_first_lines(rlxc: Rlxc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    _, result, _ = rlxc("opt", "-p", "rlx-unfuse{only=rope},fuse", "--dump-dir", "dumps", stdin=REPEATED)
    files = sorted((tmp_path / "dumps").glob("*.mlir"))
    assert files[0].read_text().startswith("// rlxc opt -\n")
    assert len(files) > 1
    monkeypatch.chdir(tmp_path / "dumps")
    for path in files[1:]:
        command, _, text = path.read_text().partition("\n")
        assert rlxc(*shlex.split(command.removeprefix("// rlxc "))) == (0, text, "")
    assert files[-1].read_text().partition("\n")[2] == result
    assert "rlx-eliminate-repeat-kv] fused" in (tmp_path / "dumps" / "remarks.txt").read_text()


def test_dumps_of_parts_go_to_a_directory_each(rlxc: Rlxc, tmp_path: Path) -> None:
    text = f"{ADD_ZERO}// -----\n{ADD_ZERO}"
    rlxc("opt", "--split-input-file", "-p", "canonicalize", "--dump-dir", tmp_path / "dumps", stdin=text)
    dumps = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.mlir"))
    assert dumps == [
        "dumps/line-1/00-input.mlir",
        "dumps/line-1/01-canonicalize.mlir",
        "dumps/line-7/00-input.mlir",
        "dumps/line-7/01-canonicalize.mlir",
    ]


def test_lists(rlxc: Rlxc) -> None:
    code, out, err = rlxc("opt", "--list-passes", "--show-dialects")
    assert (code, err) == (0, "")
    sections = {section.split("\n")[0]: section for section in out.split("\n") if section}
    assert {"pipelines:", "passes of rlxc:", "other passes:", "dialects:"} <= sections.keys()
    names = {line.split()[0] for line in out.splitlines()}
    assert {"fuse", "rlx-fuse-rope-into-attention", "canonicalize", "rlx", "linalg"} <= names
