"""`rlxc compile` on bad input: reason, exit code, and no output left."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

Rlxc = Callable[..., tuple[int, str, str]]

EXAMPLE = Path(__file__).parents[2] / "examples" / "qk_norm.mlir"

USAGE: dict[str, tuple[str, str]] = {
    "unknown extension": ("-o out.txt", "cannot tell what to write from the name 'out.txt'"),
    "remedy": ("-o out.txt", "use .mlir, .py, .ll, .o, .so, or --emit"),
    "object without a file": ("--emit=obj", "--emit=obj needs a file"),
    "library to the standard output": ("--emit=so -o -", "--emit=so needs a file"),
    "unknown form": ("--emit=ptx -o out.mlir", "argument --emit: invalid choice: 'ptx'"),
    "unknown target": ("--target=gpu -o out.py", "argument --target: invalid choice: 'gpu'"),
    "form of another target": ("--emit=numpy --target=native -o out.py", "--emit=numpy contradicts --target=native"),
    "loops for NumPy": ("--emit=affine --target=numpy", "the target numpy writes numpy, rlx, fused, linalg"),
    "name of another target": ("--target=numpy -o out.so", "the name 'out.so' contradicts --target=numpy"),
    "name of the header": ("--emit=obj -o out.h", "'out.h' is the name of the header beside the result"),
    "name of the manifest": ("--emit=so -o out.json", "'out.json' is the name of the manifest beside the result"),
    "misspelt option": ("--emti=rlx -o out.mlir", "unknown argument '--emti=rlx' (did you mean '--emit'?)"),
}

WORK: dict[str, tuple[str, str]] = {
    "no such directory": ("-o none/out.mlir", "create the directory 'none' first"),
    "output is a directory": ("-o taken.mlir", "cannot write 'taken.mlir'"),
    "dump directory is a file": ("-o out.mlir --dump-dir square.npz", "cannot write dumps to 'square.npz'"),
    "unknown pipeline": ("-o out.mlir -p fuze", "unknown pass 'fuze' (did you mean 'fuse'?)"),
    "unknown pipeline, though nothing fuses": ("--emit=rlx -p fuze", "unknown pass 'fuze' (did you mean 'fuse'?)"),
    "pipeline that lowers": ("-o out.py -p affine", "lowers the program: what fuses has to keep it at the rlx level"),
    "malformed pipeline": ("-o out.mlir -p cse{", "pipeline:1:5: error: "),
    "no weights file": ("-o out.mlir --weights none.npz", "cannot read weights from 'none.npz': there is no such file"),
    "weights of another kind": ("-o out.mlir --weights taken.mlir", "cannot read weights from 'taken.mlir'"),
    "misshapen weights": ("-o out.mlir --weights square.npz", "has shape [3, 3], expected [512, 512]"),
}


@pytest.fixture(autouse=True)
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current directory; it holds a weights file with one misshapen weight, and a directory with a file's name."""
    monkeypatch.chdir(tmp_path)
    np.savez(
        "square.npz", allow_pickle=False, **{"model.layers.0.self_attn.q_proj.weight": np.zeros((3, 3), np.float32)}
    )
    Path("taken.mlir").mkdir()
    return tmp_path


def check_failure(rlxc: Rlxc, options: str, code: int, message: str) -> None:
    """Compile the example with these options: this exit code and message, and nothing written."""
    before = sorted(Path().rglob("*"))
    done, output, errors = rlxc("compile", EXAMPLE, *options.split())
    assert done == code
    assert message in errors
    assert "Traceback" not in errors
    assert output == ""
    assert sorted(Path().rglob("*")) == before


@pytest.mark.parametrize(("options", "message"), USAGE.values(), ids=USAGE)
def test_wrong_command_line(options: str, message: str, rlxc: Rlxc):
    check_failure(rlxc, options, 2, message)


@pytest.mark.parametrize(("options", "message"), WORK.values(), ids=WORK)
def test_wrong_input(options: str, message: str, rlxc: Rlxc):
    check_failure(rlxc, options, 1, message)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("none.mlir", "cannot read 'none.mlir': no such file"),
        ("square.npz", "the name must end in .mlir, .py or .flow"),
    ],
)
def test_input_is_no_program(name: str, message: str, rlxc: Rlxc):
    code, _, errors = rlxc("compile", name, "-o", "out.mlir")
    assert code == 1
    assert message in errors
    assert not Path("out.mlir").exists()


def test_failure_leaves_an_earlier_result(rlxc: Rlxc):
    Path("out.mlir").write_text("earlier")
    code, _, _ = rlxc("compile", EXAMPLE, "-o", "out.mlir", "--weights", "square.npz")
    assert code == 1
    assert Path("out.mlir").read_text() == "earlier"


@pytest.mark.parametrize(
    ("options", "start"),
    [
        ("--target=numpy", b'"""'),
        ("--target=native -o out", b"\x7fELF"),
        ("-o out", b"builtin.module"),
        ("--target=native -o out.ll", b"; ModuleID"),
        ("--emit=ll", b"; ModuleID"),
        ("--emit=llvm -o out.ll", b"; ModuleID"),
        ("--emit=llvm -o out.mlir", b"module {\n  llvm.func"),
        ("--emit=llvm", b"module {\n  llvm.func"),
        ("--target=native -o out.mlir", b"builtin.module"),
    ],
)
def test_form_target_and_name_decide_together(options: str, start: bytes, rlxc: Rlxc):
    code, output, _ = rlxc("compile", EXAMPLE, *options.split())
    files = sorted(Path().glob("out*"))
    assert code == 0
    assert (files[0].read_bytes() if files else output.encode()).startswith(start)


def test_nothing_but_the_trace(rlxc: Rlxc):
    assert rlxc("compile", EXAMPLE, "-o", "/dev/null", "--dump-dir", "dump")[0] == 0
    assert Path("dump/00-input.mlir").is_file()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"func.func private @f()", "the module has no public function"),
        (b"func.func @f() {\n  cf.br ^bb1\n^bb1:\n  return\n}", "@f branches"),
    ],
)
def test_no_summary(text: bytes, reason: str, rlxc: Rlxc):
    code, output, errors = rlxc("compile", "-", "-p", "cse", stdin=text)
    assert code == 0
    assert output.startswith("builtin.module")
    assert errors.startswith(f"no summary: cannot tell the cost: {reason}")
