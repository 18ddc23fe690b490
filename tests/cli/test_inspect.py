"""`rlxc inspect`: the sizes it counts with; on bad input, reason and exit code."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

Rlxc = Callable[..., tuple[int, str, str]]

EXAMPLE = Path(__file__).parents[2] / "examples" / "qk_norm.py"

CASES: dict[str, tuple[str, int, str]] = {
    "size without a value": ("--dims B", 2, "malformed size 'B'"),
    "negative size": ("--dims B=-1", 2, "malformed size 'B=-1'"),
    "unknown dimension": ("--dims T=4", 2, "the program has no dimension 'T'\nhint: its dynamic dimensions: B, S"),
    "misspelt dimension": ("--dims s=4", 2, "the program has no dimension 's' (did you mean 'S'?)"),
    "dimension given twice": ("--dims B=1,B=2", 2, "the size 'B' is given twice"),
    "misspelt option": ("--jsn", 2, "unknown argument '--jsn' (did you mean '--json'?)"),
    "unknown pipeline": ("-p fuze", 1, "unknown pass 'fuze' (did you mean 'fuse'?)"),
    "pipeline that lowers": ("-p linalg", 1, "pass 'rlx-params-to-args' lowers the program"),
    "no weights file": ("--weights none.npz", 1, "cannot read weights from 'none.npz': there is no such file"),
}


@pytest.mark.parametrize(("options", "code", "message"), CASES.values(), ids=CASES)
def test_bad_options(options: str, code: int, message: str, rlxc: Rlxc):
    done, output, errors = rlxc("inspect", EXAMPLE, *options.split())
    assert done == code
    assert message in errors
    assert "Traceback" not in errors
    assert output == ""


def test_json(rlxc: Rlxc):
    code, output, errors = rlxc("inspect", EXAMPLE, "--json", "--dims", "S=16")
    assert (code, errors) == (0, "")
    report = json.loads(output)
    assert report["sizes"] == {"B": 1, "S": 16}
    counts = [report[side]["by_name"].get("rlx.matmul") for side in ("before", "after")]
    assert counts == [4, 2]
    assert report["after"]["bytes_moved"] < report["before"]["bytes_moved"]
    fused = {remark["pass"]: remark["place"] for remark in report["remarks"] if remark["kind"] == "fused"}
    assert fused["rlx-fuse-rope-into-attention"].startswith(str(EXAMPLE))


def test_no_program(rlxc: Rlxc):
    code, output, errors = rlxc("inspect", "none.py")
    assert (code, output) == (1, "")
    assert "cannot read 'none.py': no such file" in errors


def program(type_: str, dims: str = "") -> str:
    """A function with one argument."""
    return f"func.func @f(%x: {type_}{dims}) -> {type_} {{\n  return %x : {type_}\n}}"


@pytest.mark.parametrize(
    ("text", "options", "sizes"),
    [
        (program("tensor<?x?x8xf32>"), "", "one call, B = 1, S = 512"),
        (program("tensor<?x?x8xf32>", ' {rlx.dims = ["batch", "S"]}'), "--dims S=7", "one call, batch = 512, S = 7"),
        (program("tensor<1x2x8xf32>"), "", "one call"),
    ],
)
def test_sizes(text: str, options: str, sizes: str, rlxc: Rlxc):
    code, output, _ = rlxc("inspect", "-", *options.split(), stdin=text)
    assert code == 0
    assert output.splitlines()[0].rstrip() == sizes


def test_fixed_dimensions_take_no_size(rlxc: Rlxc):
    code, output, errors = rlxc("inspect", "-", "--dims", "B=2", stdin=program("tensor<1x2x8xf32>"))
    assert (code, output) == (2, "")
    assert "hint: all its dimensions are fixed" in errors


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("func.func private @f()", "the module has no public function"),
        ("func.func @f() {\n  cf.br ^bb1\n^bb1:\n  return\n}", "@f branches"),
    ],
)
def test_no_cost(text: str, reason: str, rlxc: Rlxc):
    code, output, errors = rlxc("inspect", "-", stdin=text)
    assert (code, output) == (1, "")
    assert errors.startswith(f"error: cannot tell the cost: {reason}")
