"""The C header: what it says, and a C program that does what it says."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from xdsl.dialects.builtin import ModuleOp

from rlxc.diagnostics import RlxcError
from rlxc.native import NativeFunction, Signature, emit_header, emit_shared, read_signature
from rlxc.native.signature import ArrayType, Input, Panels, Parameter, RopeTable, ScalarType, Weight

MODULES = Path(__file__).parent / "modules"
STRICT_C99 = ["-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror"]


def compile_c(*arguments: str | Path) -> None:
    """Run the C compiler; without one, this test cannot say anything and fails."""
    compiler = shutil.which("cc")
    assert compiler is not None, "this test needs the C compiler 'cc'"
    done = subprocess.run([compiler, *STRICT_C99, *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def check_header(text: str, directory: Path) -> None:
    """The header compiles by itself, twice in one program."""
    (directory / "header.h").write_text(text)
    program = directory / "program.c"
    program.write_text('#include "header.h"\n#include "header.h"\nint main(void) { return 0; }\n')
    compile_c("-fsyntax-only", "-Wno-unused-function", program)


def test_c_program_gets_the_numbers_of_python(
    gated_linear: NativeFunction, affine_text: Callable[[str], str], tmp_path: Path
) -> None:
    (tmp_path / "gated_linear.h").write_text(emit_header(gated_linear.signature))
    emit_shared(affine_text("gated_linear"), tmp_path / "libgated_linear.so")
    program = tmp_path / "program"
    compile_c("-I", tmp_path, MODULES / "gated_linear.c", tmp_path / "libgated_linear.so", "-lm", "-o", program)
    done = subprocess.run(
        [str(program)], env={"LD_LIBRARY_PATH": str(tmp_path)}, capture_output=True, text=True, check=True
    )
    message, shape, *numbers = done.stdout.splitlines()
    assert message == 'the "cos" table holds 16 positions'
    assert shape == "ok 2 3 6"
    found = np.array([float.fromhex(number) for number in numbers], np.float32).reshape(2, 3, 6)
    np.testing.assert_array_equal(found, python_numbers(gated_linear))


def test_c_program_packs_the_weight_and_brings_threads(
    affine_text: Callable[[str], str], parse: Callable[[str], ModuleOp], tmp_path: Path
) -> None:
    module = parse(affine_text("panel_linear"))
    (tmp_path / "panel_linear.h").write_text(emit_header(read_signature(module)))
    library = tmp_path / "libpanel_linear.so"
    emit_shared(affine_text("panel_linear"), library)
    program = tmp_path / "program"
    compile_c("-I", tmp_path, MODULES / "panel_linear.c", library, "-lm", "-lpthread", "-o", program)
    done = subprocess.run(
        [str(program)], env={"LD_LIBRARY_PATH": str(tmp_path)}, capture_output=True, text=True, check=True
    )
    x, stored = np.array([1, 2, 3]), np.square(np.arange(15)).reshape(5, 3)
    expected = (stored @ x).tolist()
    assert [list(map(float, line.split())) for line in done.stdout.splitlines()] == [expected, expected]


def python_numbers(function: NativeFunction) -> np.ndarray:
    """What the C program computes, by NumPy arrays of the same numbers."""
    x = ((np.arange(24) % 7) / 8 - 0.5).astype(np.float32).reshape(2, 3, 4)
    visible = (np.arange(6) % 4 != 1).reshape(2, 3)
    weight = (np.arange(24).reshape(6, 4).T / 32).astype(np.float32)
    table = np.cos(np.arange(16)[:, None] * 10000.0 ** (-np.arange(6) / 6)).astype(np.float32)
    return function([x, visible, 2], [weight, table])[0]


def test_header_tells_where_parameters_come_from(gated_linear: NativeFunction) -> None:
    header = emit_header(gated_linear.signature)
    assert '[4][6]: "proj.weight", stored as [6][4], transposed:\n   * weight[k * 6 + n] = stored[n * 4 + k]' in header
    assert "cos[p * 6 + i] = (float)cos(p * pow(10000.0, -i / 6.0)) for p < 16, i < 6" in header


def test_static_results_and_scalars(scalars: NativeFunction, tmp_path: Path) -> None:
    header = emit_header(scalars.signature)
    assert "int64_t _mlir_ciface_scalars_prepare(" in header
    check_header(header, tmp_path)


def signature(inputs: Sequence[Input] = (), parameters: Sequence[Parameter] = (), name: str = "layer") -> Signature:
    """A signature with one result."""
    return Signature(name, tuple(inputs), tuple(parameters), (ArrayType("f32", ("", 8)),), ())


AWKWARD = {
    "keywords": [Input("float", ArrayType("f32", ("int", "new"))), Input("params", ScalarType("index"))],
    "characters": [
        Input("x.1", ArrayType("f32", ("B*/", ""))),
        Input("x-1", ScalarType("f64")),
        Input("1", ScalarType("i1")),
    ],
    "sizes named as inputs": [Input("B", ArrayType("f32", ("B", "returned"))), Input("status", ScalarType("i32"))],
    "derived names": [Input("x", ArrayType("f32", (2,))), Input("x_memref", ArrayType("i64", ()))],
    "none": [],
}


@pytest.mark.parametrize("case", AWKWARD)
def test_awkward_names_make_valid_c(case: str, tmp_path: Path) -> None:
    check_header(emit_header(signature(AWKWARD[case])), tmp_path)


def test_texts_are_quoted(tmp_path: Path) -> None:
    checks = ('say "no" \\ ??/ to\nthis', "größer als %d")
    weight = Parameter("w", ArrayType("f32", (2, 3)), Weight(("a*/b", "c\nd"), transposed=True))
    header = emit_header(Signature("f", (), (weight,), (ArrayType("f32", (2,)),), checks))
    check_header(header, tmp_path)
    program = tmp_path / "print.c"
    program.write_text(
        '#include <stdio.h>\n#include "header.h"\n'
        "int64_t _mlir_ciface_f_prepare(void) { return 0; }\n"
        "void _mlir_ciface_f(const struct rlxc_memref_2 *w, const struct rlxc_memref_1 *r) { (void)w; (void)r; }\n"
        'int main(void) { printf("%s|%s|%s", f_message(1), f_message(2), f_message(3)); return 0; }\n'
    )
    compile_c("-Wno-unused-function", program, "-o", tmp_path / "print")
    done = subprocess.run([str(tmp_path / "print")], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout == "|".join([*checks, "unknown status"])


def test_every_kind_of_parameter(tmp_path: Path) -> None:
    square = ArrayType("f32", (4, 6))
    parameters = [
        Parameter("norm", ArrayType("f64", (4,)), Weight(("norm.weight",), transposed=False)),
        Parameter("o", square, Weight(("o.weight",), transposed=True)),
        Parameter("qkv", square, Weight(("q.weight", "k.weight"), transposed=True)),
        Parameter("bias", ArrayType("f32", (6,)), Weight(("q.bias", "k.bias"), transposed=False)),
        Parameter("sin", square, RopeTable("sin", 5.0e5)),
    ]
    header = emit_header(signature(parameters=parameters))
    check_header(header, tmp_path)
    for text in (
        '[4]: "norm.weight", as stored.',
        '"o.weight", stored as [6][4], transposed:',
        'each stored as [N][4], together [6][4], transposed:\n   *   "q.weight",\n   *   "k.weight"\n',
        "qkv[k * 6 + n] = stacked[n * 4 + k]",
        'one after another on the last axis:\n   *   "q.bias",\n   *   "k.bias"\n',
        "sin[p * 6 + i] = (float)sin(p * pow(500000.0, -i / 6.0)) for p < 4, i < 6",
    ):
        assert text in header


PANELS = {
    "transposed": (
        Weight(("w",), transposed=True),
        Panels(8),
        '"w", stored as [N][4]\n   * in panels of 8 columns, zero where p * 8 + w >= N:\n'
        "   * w[(p * 4 + k) * 8 + w] = stored[(p * 8 + w) * 4 + k]",
    ),
    "as it is": (Weight(("w",), transposed=False), Panels(8), "w[(p * 4 + k) * 8 + w] = stored[k * N + p * 8 + w]"),
    "gated": (
        Weight(("gate", "up"), transposed=True),
        Panels(8, gated=True),
        'these tensors one below another, [2 * N][4]:\n   *   "gate",\n   *   "up"\n'
        "   * in panels of 8 columns, zero where p * 8 + w >= N, h = 0 and 1:\n"
        "   * w[((2 * p + h) * 4 + k) * 8 + w] = stored[(h * N + p * 8 + w) * 4 + k]",
    ),
    "gated, side by side": (
        Weight(("gate", "up"), transposed=False),
        Panels(8, gated=True),
        "w[((2 * p + h) * 4 + k) * 8 + w] = stored[k * 2 * N + h * N + p * 8 + w]",
    ),
    "experts": (
        Weight(("w",), transposed=True),
        Panels(8, experts=2),
        '"w", stored as [2 * N][4]\n   * in panels of 8 columns, zero where p * 8 + w >= N, e < 2:\n'
        "   * w[((e * 1 + p) * 4 + k) * 8 + w] = stored[(e * N + p * 8 + w) * 4 + k]",
    ),
    "gated experts": (
        Weight(("w",), transposed=False),
        Panels(8, gated=True, experts=2),
        "w[((e * 2 + 2 * p + h) * 4 + k) * 8 + w] = stored[k * 2 * 2 * N + (2 * e + h) * N + p * 8 + w]",
    ),
}


@pytest.mark.parametrize("case", PANELS)
def test_header_tells_how_to_pack(case: str, tmp_path: Path) -> None:
    weight, panels, text = PANELS[case]
    kind = ArrayType("f32", (2 * panels.experts if panels.gated else 2, 4, 8))
    header = emit_header(signature(parameters=[Parameter("w", kind, weight, panels)]))
    check_header(header, tmp_path)
    assert text in header


def test_names_of_a_team_do_not_clash(tmp_path: Path) -> None:
    inputs = [Input(name, ArrayType("f32", ("thread",))) for name in ("num_threads", "barrier", "barrier_memref")]
    check_header(emit_header(replace(signature(inputs), arena=True, threaded=True)), tmp_path)


def test_donated_inputs_are_not_const(tmp_path: Path) -> None:
    header = emit_header(signature([Input("cache", ArrayType("f32", ("S", 8)), donated=True)]))
    check_header(header, tmp_path)
    assert "int64_t layer_run(int64_t S, float *cache, float *result) {" in header


def test_held_results_have_no_array_of_their_own(tmp_path: Path) -> None:
    cache = ArrayType("f32", ("T", 8))
    inputs = (Input("x", ArrayType("f32", ("S",))), Input("cache", cache, donated=True, holds=1))
    header = emit_header(Signature("layer", inputs, (), (ArrayType("f32", ("S",)), cache, ArrayType("f32", ("",))), ()))
    check_header(header, tmp_path)
    run = " ".join(header.split("int64_t layer_run(")[1].split(") {")[0].split())
    assert run == "int64_t S, int64_t T, const float *x, float *cache, float *result0, float *result2"
    assert " * Result 1 is what cache holds then.\n" in header
    # The sizes of all results are told, in order.
    assert "result0_memref = {result0, result0, 0, {returned[1]}" in header
    assert "result2_memref = {result2, result2, 0, {returned[3]}" in header


def test_status_without_memory(tmp_path: Path) -> None:
    """The program gives a prepare function that asks for more memory than there is."""
    header = emit_header(Signature("f", (), (), (ArrayType("f32", (2,)),), (), arena=True))
    check_header(header, tmp_path)
    program = tmp_path / "program.c"
    program.write_text(
        '#include <stdio.h>\n#include "header.h"\n'
        "void _mlir_ciface_f_prepare(int64_t *returned) { returned[0] = 0; returned[1] = INT64_MAX - 64; }\n"
        "void _mlir_ciface_f(const struct rlxc_memref_1 *r, const struct rlxc_memref_1 *a) { (void)r; (void)a; }\n"
        "int main(void) { float result[2]; puts(f_message(f_run(result))); return 0; }\n"
    )
    compile_c("-Wno-unused-function", program, "-o", tmp_path / "program")
    done = subprocess.run([str(tmp_path / "program")], capture_output=True, text=True, check=True)
    assert done.stdout == "not enough memory for temporaries\n"


def test_function_name_that_is_not_c() -> None:
    with pytest.raises(RlxcError, match=r"needs a function name that is a C identifier, got 'my\.layer'"):
        emit_header(signature(name="my.layer"))
