"""`rlxc run` on bad input: reason, exit code, and no result saved."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

Rlxc = Callable[..., tuple[int, str, str]]

EXAMPLES = Path(__file__).parents[2] / "examples"
QK_NORM = EXAMPLES / "qk_norm.py"

MALFORMED: dict[str, tuple[str, str]] = {
    "no value": ("x", "malformed input 'x'"),
    "seed is no number": ("x=random:zero:1x4x512", "write x=random:SEED:SHAPE"),
    "size is no number": ("x=random:0:1x4xq", "write x=random:SEED:SHAPE"),
    "no shape": ("x=random:0:", "write x=random:SEED:SHAPE"),
}

WRONG: dict[str, tuple[str, str]] = {
    "unknown input": ("y=random:0:1x4x512", "there is no input 'y'"),
    "too large": ("x=random:0:99999x99999x512", "a random array of shape [99999, 99999, 512] is too large"),
    "no such file": ("x=none.npy", "cannot read 'none.npy': No such file or directory"),
    "not an array file": ("x=text.npy", "cannot read 'text.npy': not a .npy file of plain numbers"),
    "malformed header": ("x=odd.npy", "cannot read 'odd.npy': not a .npy file of plain numbers"),
    "big-endian": ("x=big.npy", "'x' has dtype >f4, expected float32"),
    "pickled objects": ("x=objects.npy", "cannot read 'objects.npy': not a .npy file of plain numbers"),
    "dtype": ("x=double.npy", "'x' has dtype float64, expected float32"),
    "rank": ("x=flat.npy", "'x' has shape [4, 512], expected [B, S, 512]"),
    "size": ("x=random:0:1x4x511", "'x' has shape [1, 4, 511], expected [B, S, 512]"),
}


@pytest.fixture(autouse=True)
def arrays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current directory, which holds arrays that do not fit."""
    monkeypatch.chdir(tmp_path)
    np.save("double.npy", np.zeros((1, 4, 512)))
    np.save("flat.npy", np.zeros((4, 512), np.float32))
    np.save("mask.npy", np.ones((1, 5), np.bool_))
    np.save("objects.npy", np.array([{}], dtype=object), allow_pickle=True)
    np.savez(
        "square.npz", allow_pickle=False, **{"model.layers.0.self_attn.q_proj.weight": np.zeros((3, 3), np.float32)}
    )
    np.save("big.npy", np.zeros((1, 4, 512), ">f4"))
    np.save("nan.npy", np.full((1, 4, 512), np.nan, np.float32))
    Path("odd.npy").write_bytes(Path("nan.npy").read_bytes().replace(b"(1, 4, 512)", b"((1, 4, 512"))
    Path("text.npy").write_text("1 2 3")
    return tmp_path


def check_failure(result: tuple[int, str, str], code: int, message: str) -> None:
    """This exit code and message, no result."""
    done, output, errors = result
    assert done == code
    assert message in errors
    assert "Traceback" not in errors
    assert "result 0" not in output
    assert not Path("y.npy").exists()


@pytest.mark.parametrize(("text", "message"), MALFORMED.values(), ids=MALFORMED)
def test_malformed_input(text: str, message: str, rlxc: Rlxc):
    check_failure(rlxc("run", QK_NORM, "--input", text, "--save", "y.npy"), 2, message)


@pytest.mark.parametrize(("text", "message"), WRONG.values(), ids=WRONG)
def test_wrong_input(text: str, message: str, rlxc: Rlxc):
    check_failure(rlxc("run", QK_NORM, "--input", text, "--save", "y.npy"), 1, message)


def test_input_given_twice(rlxc: Rlxc):
    twice = ("--input", "x=random:0:1x4x512", "--input", "x=random:0:1x5x512")
    check_failure(rlxc("run", QK_NORM, *twice, "--save", "y.npy"), 2, "input 'x' is given twice")


def test_check_of_nothing_but_nan(rlxc: Rlxc):
    code, output, _ = rlxc("run", QK_NORM, "--input", "x=nan.npy", "--check")
    assert code == 1
    assert "result 0: float32 1x4x512, 2048 of 2048 are NaN" in output
    assert "check 0: the reference is all NaN, which says nothing" in output


def test_check_takes_the_inputs_as_they_were(rlxc: Rlxc):
    """A function may write into what is donated to it."""
    text = """func.func @f(%c: tensor<1x2x4xf32> {rlx.donated}, %n: tensor<1x2x4xf32>) -> tensor<1x2x4xf32> {
      %y = arith.addf %c, %n : tensor<1x2x4xf32>
      return %y : tensor<1x2x4xf32>
    }"""
    given = ("--input", "c=random:0:1x2x4", "--input", "n=random:1:1x2x4")
    code, output, errors = rlxc("run", "-", "--target", "native", "--check", *given, stdin=text)
    assert code == 0, output + errors


def test_number_is_not_whole(rlxc: Rlxc):
    text = (
        "func.func @f(%x: tensor<1x2x4xf32>, %position: index) -> tensor<1x2x4xf32> { return %x : tensor<1x2x4xf32> }"
    )
    result = rlxc("run", "-", "--input", "position=1.5", "--save", "y.npy", stdin=text)
    check_failure(result, 2, "input 'position' is a whole number, got '1.5'")


def test_missing_weights(rlxc: Rlxc):
    result = rlxc("run", QK_NORM.with_suffix(".mlir"), "--save", "y.npy")
    check_failure(
        result, 1, "there is no weight 'model.layers.0.self_attn.q_proj.weight' in the weights (none were given)"
    )
    assert "by --weights or weights=: a .safetensors, .npz or .gguf file, or random:SEED for a try" in result[2]


def test_random_weights(rlxc: Rlxc):
    """They are the same however a program is written, and take the place of those that it brings along."""
    given = ("--input", "x=random:0:1x3x512", "--save", "y.npy", "--check")
    for name in ("qk_norm.mlir", "qk_norm.py"):
        assert rlxc("run", QK_NORM.with_name(name), "--weights", "random:1", *given)[0] == 0
        Path("y.npy").rename(f"{name}.npy")
    assert np.array_equal(np.load("qk_norm.mlir.npy"), np.load("qk_norm.py.npy"))
    assert rlxc("run", QK_NORM, *given)[0] == 0
    assert not np.allclose(np.load("qk_norm.py.npy"), np.load("y.npy"))


def test_random_weights_without_shapes(rlxc: Rlxc):
    Path("bare.py").write_text(QK_NORM.read_text().replace("weights = {", "unused = {"))
    result = rlxc("run", "bare.py", "--weights", "random:1", "--save", "y.npy")
    check_failure(result, 1, "'bare.py' defines no weights, and random ones have no shapes of their own")


def test_threads(rlxc: Rlxc):
    given = ("run", QK_NORM, "--input", "x=random:0:1x3x512", "--threads", "2", "--check")
    assert rlxc(*given, "--target", "native")[0] == 0
    check_failure(rlxc(*given, "--save", "y.npy"), 1, "target 'numpy' does not share its work")
    check_failure(rlxc(*given[:-2], "0", "--target", "native", "--save", "y.npy"), 1, "threads must be a whole number")


def test_malformed_seed(rlxc: Rlxc):
    result = rlxc("run", QK_NORM, "--weights", "random:one", "--save", "y.npy")
    check_failure(result, 2, "write random:SEED, such as random:0")


@pytest.mark.parametrize(
    ("program", "message"),
    [("qk_norm.mlir", "has shape [3, 3], expected [512, 512]"), ("qk_norm.py", "qk_norm.py:25:6: error: ")],
)
def test_weights_do_not_fit(program: str, message: str, rlxc: Rlxc):
    result = rlxc("run", EXAMPLES / program, "--weights", "square.npz", "--save", "y.npy")
    check_failure(result, 1, message)


@pytest.mark.parametrize("target", ["reference", "numpy", "native"])
def test_one_name_for_two_sizes(target: str, rlxc: Rlxc):
    inputs = ("--input", "x=random:0:1x4x512", "--input", "mask=mask.npy")
    result = rlxc("run", EXAMPLES / "sliding_window.py", "--target", target, *inputs, "--save", "y.npy")
    check_failure(result, 1, "dimension 'S' is 4 in 'x' but 5 in 'mask'")


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("reference", "x has more positions than the rope tables hold (4096)"),
        ("numpy", "k has more positions than the rope tables hold (4096)"),
        ("native", "k has more positions than the rope tables hold (4096)"),
    ],
)
def test_longer_than_the_rope_tables(target: str, message: str, rlxc: Rlxc):
    result = rlxc("run", QK_NORM, "--target", target, "--input", "x=random:0:1x5000x512", "--save", "y.npy")
    check_failure(result, 1, message)


def test_result_cannot_be_saved(rlxc: Rlxc):
    code, _, errors = rlxc("run", QK_NORM, "--input", "x=random:0:1x4x512", "--save", "none/y.npy")
    assert code == 1
    assert "cannot write 'none/y.npy'" in errors


def test_pipeline_that_lowers(rlxc: Rlxc):
    result = rlxc("run", QK_NORM, "-p", "affine", "--save", "y.npy")
    check_failure(result, 1, "lowers the program: what fuses has to keep it at the rlx level")


def test_unknown_pipeline(rlxc: Rlxc):
    check_failure(
        rlxc("run", QK_NORM, "-p", "fuze", "--save", "y.npy"), 1, "unknown pass 'fuze' (did you mean 'fuse'?)"
    )


@pytest.mark.parametrize("target", ["reference", "numpy", "native"])
def test_no_results(target: str, rlxc: Rlxc):
    text = "func.func @f(%x: tensor<1x2x4xf32>) {\n  return\n}"
    code, output, errors = rlxc("run", "-", "--target", target, "--check", stdin=text)
    assert (code, errors) == (0, "")
    assert output.startswith(f"{target}: ")


def test_nothing_to_save(rlxc: Rlxc):
    text = "func.func @f(%x: tensor<1x2x4xf32>) {\n  return\n}"
    check_failure(rlxc("run", "-", "--save", "y.npy", stdin=text), 1, "the program has no result to save")
