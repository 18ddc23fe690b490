"""`rlxc opt` on bad input: place, reason, remedy, exit code, and no output left."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Rlxc = Callable[..., tuple[int, str, str]]

GOOD = "func.func @f(%a: tensor<1x4x8xf32>) -> tensor<1x4x8xf32> {\n  return %a : tensor<1x4x8xf32>\n}\n"

TEXTS: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "1:1: error: the input holds no operation"),
    "binary": (b"\x7fELF\xd0\x00", "1:5: error: not UTF-8 text: byte 0xd0"),
    "bytecode": (b"ML\xefR\x01", "hint: mlir-opt turns bytecode into text"),
    "Latin-1": (b'func.func @f() {\n  "caf\xe9"', "2:7: error: not UTF-8 text: byte 0xe9"),
    "NUL": (b"func.func @f() {\0}", "1:17: error: Unexpected character: \\x00"),
    "syntax": (b"func.func @f( {\n}", "1:15: error: "),
    "unclosed": (b"func.func @f() {\n", "1:17: error: "),
    "unclosed string": (b'"func.func', "1:1: error: End of file reached before closing string literal"),
    "unknown operation": (b"rlx.atention", "(did you mean 'rlx.attention'?)\nrlx.atention\n^"),
    "unknown dialect": (b"arth.constant 1 : i32", "1:1: error: unknown operation 'arth.constant' (did you mean"),
    "unknown attribute": (b'"test.op"() {a = #rlx.masc<none>} : () -> ()', "1:19: error: unknown attribute 'rlx.masc'"),
    "unknown type": (b"func.func private @f(%a: tensr<2xf32>)", "(did you mean 'tensor'?)"),
    "type mismatch": (
        b"func.func @f(%a: i32, %b: f32) {\n  %c = arith.addi %a, %b : i32\n  return\n}",
        "2:23: error: operand is used with type i32, but has been previously used or defined with type f32",
    ),
    "undefined value": (
        b"func.func @f(%query: i32) -> i32 {\n  return %quary : i32\n}",
        "2:10: error: '%quary' is used but not defined (did you mean '%query'?)",
    ),
    "use before definition": (
        b"func.func @f() -> f32 {\n  %a = arith.negf %b : f32\n  %b = arith.constant 1.0 : f32\n  return %a : f32\n}",
        "2:3: error: 'arith.negf' op uses '%b' before it is defined",
    ),
    "undefined block": (b"func.func @f() {\n  cf.br ^end\n}", "2:9: error: the block '^end' is used but not defined"),
    "symbol twice": (
        b"func.func private @f()\nfunc.func private @f()",
        "2:1: error: 'func.func' op defines the symbol '@f'",
    ),
    "no terminator": (
        b"func.func @f() {\n  %a = arith.constant 1 : i32\n}",
        "2:3: error: 'arith.constant' op terminates",
    ),
    "heads that do not fit": (
        b"func.func @f(%a: tensor<1x4x8xf32>) {\n"
        b"  %b = rlx.repeat_kv %a {head_dim = 3, group = 2} : tensor<1x4x8xf32> -> tensor<1x4x16xf32>\n  return\n}",
        "2:3: error: 'rlx.repeat_kv' op",
    ),
    "unknown option of an operation": (
        b"func.func @f(%a: tensor<1x4x8xf32>) {\n"
        b"  %b = rlx.softcap %a {cap = 3.0 : f64, cab = 1} : tensor<1x4x8xf32>\n  return\n}",
        "2:3: error: 'rlx.softcap' op has no attribute 'cab'; did you mean 'cap'?",
    ),
    "dense literal": (b"%a = arith.constant dense<[[1], [2, 3]]> : tensor<2x2xi8>", "1:40: error: Tensor literal has"),
    "giant literal": (
        b"%a = arith.constant dense<1> : tensor<4096x4096x4096xi8>",
        "1:32: error: a dense literal of 68719476736",
    ),
    "deep nesting": (b'"test.op"() ({' * 1000, "error: the text is nested too deeply here"),
    "escape sequences": (b'"\x1b[31m.op"() : () -> ()', "unknown operation '\\x1b[31m.op'"),
}


@pytest.mark.parametrize(("data", "message"), TEXTS.values(), ids=TEXTS.keys())
def test_bad_text(rlxc: Rlxc, tmp_path: Path, data: bytes, message: str) -> None:
    source = tmp_path / "layer.mlir"
    source.write_bytes(data)
    code, out, err = rlxc("opt", source, "-o", tmp_path / "out.mlir")
    assert (code, out) == (1, "")
    assert err.startswith(f"{source}:")
    assert message in err
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == [source]


ARGUMENTS: dict[str, tuple[list[str], str]] = {
    "missing file": (["opt", "layr.mlir"], "error: cannot read 'layr.mlir': no such file (did you mean 'layer.mlir'?)"),
    "directory": (["opt", "."], "error: cannot read '.': Is a directory"),
    "file in a file": (["opt", "layer.mlir/x"], "error: cannot read 'layer.mlir/x': Not a directory"),
    "unknown pass": (
        ["opt", "layer.mlir", "-p", "cse,canonicalise"],
        "pipeline:1:5: error: unknown pass 'canonicalise' (did you mean 'canonicalize'?)\ncse,canonicalise\n    ^\n",
    ),
    "unknown pipeline": (["opt", "layer.mlir", "-p", "fuze"], "error: unknown pass 'fuze' (did you mean 'fuse'?)"),
    "unknown option": (
        ["opt", "layer.mlir", "-p", "rlx-unfuse{onyl=rope}"],
        "error: pass 'rlx-unfuse' has no option 'onyl' (did you mean 'only'?)\nhint: write rlx-unfuse{only=",
    ),
    "option of a pass without": (
        ["opt", "layer.mlir", "-p", "cse{x=1}"],
        "error: pass 'cse' has no option 'x'\nhint: 'cse' takes no options",
    ),
    "option of the wrong type": (
        ["opt", "layer.mlir", "-p", "convert-rlx-to-linalg{scores-limit=many}"],
        "error: option 'scores_limit' of pass 'convert-rlx-to-linalg' takes int, got many",
    ),
    "option without a value": (
        ["opt", "layer.mlir", "-p", "convert-rlx-to-linalg{scores-limit}"],
        "error: option 'scores_limit' of pass 'convert-rlx-to-linalg' takes int, got no value",
    ),
    "option with a value out of range": (
        ["opt", "layer.mlir", "-p", "convert-rlx-to-linalg{scores-limit=0}"],
        "error: pass 'convert-rlx-to-linalg' failed: scores-limit must be at least 1, got 0",
    ),
    "missing option": (
        ["opt", "layer.mlir", "-p", "apply-individual-rewrite"],
        "error: pass 'apply-individual-rewrite' needs the option",
    ),
    "pipeline syntax": (
        ["opt", "layer.mlir", "-p", "cse{"],
        "pipeline:1:5: error: Expected argument name here\ncse{\n    ^\n",
    ),
    "pipeline with a stray character": (
        ["opt", "layer.mlir", "-p", "cse;dce"],
        "pipeline:1:4: error: Unknown token\ncse;dce\n   ^",
    ),
    "nested pipeline": (
        ["opt", "layer.mlir", "--pass-pipeline=builtin.module(func.func(cse))"],
        "pipeline:1:16: error: passes run on the whole module, not on each 'func.func'",
    ),
    "option of a pipeline": (["opt", "layer.mlir", "-p", "fuse{x=1}"], "error: the pipeline 'fuse' takes no options"),
    "giant number": (["opt", "layer.mlir", "-p", f"cse{{x={'9' * 5000}}}"], "error: cannot read the pipeline: Exceeds"),
    "unknown target": (
        ["opt", "layer.mlir", "-t", "rlx-numpi"],
        "error: unknown target 'rlx-numpi' (did you mean 'rlx-numpy'?)",
    ),
    "target syntax": (["opt", "layer.mlir", "-t", "{"], "target:1:1: error: Expected"),
    "program without such a form": (["opt", "layer.mlir", "-t", "riscv-asm"], "error: target 'riscv-asm' "),
    "output directory missing": (
        ["opt", "layer.mlir", "-o", "no/out.mlir"],
        "error: cannot write 'no/out.mlir': No such file or directory\nhint: create the directory 'no' first",
    ),
    "output is a directory": (["opt", "layer.mlir", "-o", "."], "error: cannot write '.': Is a directory"),
    "dump directory is a file": (
        ["opt", "layer.mlir", "--dump-dir", "layer.mlir"],
        "error: cannot write dumps to 'layer.mlir': File exists",
    ),
}


@pytest.mark.parametrize(("arguments", "message"), ARGUMENTS.values(), ids=ARGUMENTS.keys())
def test_bad_request(
    rlxc: Rlxc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    source = tmp_path / "layer.mlir"
    source.write_text(GOOD)
    output = [] if "-o" in arguments else ["-o", "out.mlir"]
    code, out, err = rlxc(*arguments, *output)
    assert (code, out) == (1, "")
    assert message in err
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == [source]
    assert source.read_text() == GOOD


def test_an_existing_output_survives_a_failure(rlxc: Rlxc, tmp_path: Path) -> None:
    output = tmp_path / "out.mlir"
    output.write_text("old")
    assert rlxc("opt", "-o", output, stdin="rlx.atention")[0] == 1
    assert output.read_text() == "old"
