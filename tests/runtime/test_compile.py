"""`rlxc.compile`: sources, targets, weights, and errors."""

from __future__ import annotations

import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import rlxc
from rlxc import BuiltModel, ModelFlow, RlxcError
from rlxc.diagnostics import parse_module
from rlxc.inspect.registry import make_context
from rlxc.stages import Linear, RopeTables, SelfAttnPrefill, SelfAttnPrefillSpec, padding
from rlxc.weights import content_digest

Array = NDArray[Any]

TARGETS: tuple[Any, ...] = ("reference", "numpy", "native")

rng = np.random.default_rng(11)
WEIGHTS = {
    f"a.self_attn.{name}_proj.weight": rng.standard_normal((rows, 64)).astype(np.float32) / 8
    for name, rows in (("q", 64), ("k", 32), ("v", 32), ("o", 48))
}
X = rng.standard_normal((2, 5, 64)).astype(np.float32)
MASK = np.arange(5) < np.array([[5], [3]])


def flow(dtype: Any = "f32") -> ModelFlow:
    spec = SelfAttnPrefillSpec.hf_layer("a", 4, 16, 2, mask=padding("causal"))
    return (
        ModelFlow("attn")
        .input("x", ("B", "S", 64), dtype)
        .input("mask", ("B", "S"), dtype="i1")
        .stage(RopeTables(theta=1e4, n_rot=16, max_positions=8))
        .stage(SelfAttnPrefill(spec))
        .stage(Linear("a.self_attn.o_proj.weight"))
    )


@pytest.fixture(scope="module")
def built() -> BuiltModel:
    return flow().build(WEIGHTS)


@pytest.fixture(scope="module")
def expected(built: BuiltModel) -> Array:
    """The float64 reference."""
    y = rlxc.compile(built, "reference", dtype=np.float64)(X, MASK)
    assert isinstance(y, np.ndarray)
    assert y.dtype == np.float64
    return y


def error(y: Any, expected: Array) -> float:
    """The largest error, relative to the largest value."""
    assert y.shape == expected.shape
    return float(np.max(np.abs(y - expected)) / np.max(np.abs(expected)))


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("pipeline", ["fuse", None, "rlx-raise-repeat-kv,rlx-eliminate-repeat-kv"])
def test_targets_agree(built: BuiltModel, expected: Array, target: Any, pipeline: str | None) -> None:
    fn = rlxc.compile(built, target, pipeline=pipeline)
    assert error(fn(X, MASK), expected) <= 2e-6
    assert error(fn(mask=MASK, x=X), expected) <= 2e-6
    assert error(fn(np.asfortranarray(X), MASK), expected) <= 2e-6
    assert repr(fn) == f"<rlxc function attn(x: f32[B, S, 64], mask: i1[B, S]) -> f32[B, S, 48], target {target}>"


@pytest.mark.parametrize("target", TARGETS)
def test_double_precision(target: Any) -> None:
    double = flow("f64").build(WEIGHTS)
    y = rlxc.compile(double, target)(X.astype(np.float64), MASK)
    assert isinstance(y, np.ndarray)
    assert y.dtype == np.float64
    assert error(y, np.asarray(rlxc.compile(double, "reference")(X.astype(np.float64), MASK))) <= 1e-12


@pytest.mark.parametrize("target", TARGETS)
def test_calls_change_nothing(built: BuiltModel, target: Any) -> None:
    before = str(built.module)
    fn = rlxc.compile(built, target)
    x, mask = X.copy(), MASK.copy()
    x.flags.writeable = mask.flags.writeable = False
    first, second = fn(x, mask), fn(x, mask)
    assert np.array_equal(first, second)
    assert str(built.module) == before
    assert np.array_equal(rlxc.compile(built, target)(X, MASK), first)


def test_texts(built: BuiltModel) -> None:
    fn = rlxc.compile(built, "numpy")
    assert fn.ir == str(built.module)
    assert "rlx.repeat_kv" in fn.ir
    assert "rlx.repeat_kv" not in fn.fused_ir
    assert "rope(%cos, %sin)" in fn.fused_ir
    assert "def attn(x, mask, params):" in fn.source
    assert "remark: [rlx-fuse-rope-into-attention] fused: SelfAttnPrefill(a): rotates Q and K itself" in fn.remarks
    assert f"{__file__}:" in fn.remarks
    assert rlxc.compile(built, "reference").source == ""
    assert rlxc.compile(built, "numpy", pipeline=None).remarks == ""


def test_native_source_is_vector_code(built: BuiltModel) -> None:
    assert "vector.fma" in rlxc.compile(built, "native").source


def test_printed_code_shows_in_tracebacks(built: BuiltModel) -> None:
    fn = rlxc.compile(built, "numpy")
    with pytest.raises(RlxcError) as caught:
        fn(np.zeros((1, 9, 64), np.float32), np.ones((1, 9), np.bool_))
    lines = "".join(traceback.format_exception(caught.value))
    assert "<numpy code of attn" in lines
    assert "raise ValueError(" in lines


def test_module_and_mlir_file(built: BuiltModel, expected: Array, tmp_path: Path) -> None:
    (tmp_path / "layer.mlir").write_text(str(built.module))
    np.savez(tmp_path / "weights.npz", allow_pickle=False, **WEIGHTS)
    for source in (built.module, tmp_path / "layer.mlir", str(tmp_path / "layer.mlir")):
        for weights in (WEIGHTS, tmp_path / "weights.npz"):
            assert error(rlxc.compile(source, weights=weights)(X, MASK), expected) <= 2e-6


def test_what_is_no_program() -> None:
    nothing: Any = None
    unbuilt: Any = flow()
    with pytest.raises(RlxcError, match="a program is a built flow, a module or a path, got NoneType"):
        rlxc.compile(nothing)
    with pytest.raises(RlxcError, match="got ModelFlow") as caught:
        rlxc.compile(unbuilt)
    assert caught.value.hint == "build it first: flow.build(weights)"


def test_python_file(tmp_path: Path) -> None:
    (tmp_path / "layer.py").write_text(
        "import numpy as np, rlxc\n"
        "from rlxc.stages import Linear\n"
        "flow = rlxc.ModelFlow('layer').input('x', ('B', 'S', 2)).stage(Linear('w'))\n"
        "weights = {'w': np.eye(2, dtype=np.float32)}\n"
    )
    x = np.ones((1, 1, 2), np.float32)
    assert np.array_equal(rlxc.compile(tmp_path / "layer.py")(x), x)
    doubled = rlxc.compile(tmp_path / "layer.py", weights={"w": 2 * np.eye(2, dtype=np.float32)})
    assert np.array_equal(doubled(x), 2 * x)


def test_other_weights_than_those_of_the_build(built: BuiltModel) -> None:
    zeros = {key: np.zeros_like(value) for key, value in WEIGHTS.items()}
    assert not np.any(rlxc.compile(built, weights=zeros)(X, MASK))


SCALARS = """\
func.func @two(%x: tensor<?x4xf32> {rlx.dims = ["N"]}, %n: index, %ids: tensor<?xi64> {rlx.dims = ["N"]})
    -> (tensor<?x4xf32>, tensor<?x4xf32>) {
  %double = arith.addf %x, %x : tensor<?x4xf32>
  %square = arith.mulf %x, %x : tensor<?x4xf32>
  func.return %double, %square : tensor<?x4xf32>, tensor<?x4xf32>
}
"""


@pytest.mark.parametrize("target", TARGETS)
def test_several_results(target: Any) -> None:
    fn = rlxc.compile(parse_module(make_context(), SCALARS), target)
    x = np.arange(8, dtype=np.float32).reshape(2, 4)
    double, square = fn(x, 3, ids=np.zeros(2, np.int64))
    assert np.array_equal(double, 2 * x)
    assert np.array_equal(square, x * x)
    assert str(fn.signature) == "two(x: f32[N, 4], n: index, ids: i64[N]) -> (f32[N, 4], f32[N, 4])"


@pytest.mark.parametrize("target", TARGETS)
def test_unused_parameters_need_no_weight(tmp_path: Path, target: Any) -> None:
    path = tmp_path / "unused.mlir"
    path.write_text("""func.func @f(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %w = rlx.param "w" : tensor<4xf32>
  func.return %x : tensor<1x2xf32>
}""")
    x = np.ones((1, 2), np.float32)
    assert np.array_equal(rlxc.compile(path, target)(x), x)


@pytest.mark.parametrize("target", TARGETS)
def test_rows_after_kv_length_may_hold_anything(tmp_path: Path, target: Any) -> None:
    path = tmp_path / "cache.mlir"
    path.write_text("""func.func @f(%q: tensor<1x2x4xf32>, %kv: tensor<1x8x4xf32>, %n: index) -> tensor<1x2x4xf32> {
  %o = rlx.attention %q, %kv, %kv kv_length(%n) {num_heads = 1, num_kv_heads = 1, head_dim = 4}
    : tensor<1x2x4xf32>, tensor<1x8x4xf32>
  func.return %o : tensor<1x2x4xf32>
}""")
    q, kv = np.ones((1, 2, 4), np.float32), np.full((1, 8, 4), np.nan, np.float32)
    kv[:, :5] = 3
    assert np.allclose(rlxc.compile(path, target)(q, kv, 5), 3)


def test_digests_are_checked() -> None:
    """Also where no pass leaves them in the program."""
    same = {**WEIGHTS, "a.self_attn.v_proj.weight": WEIGHTS["a.self_attn.k_proj.weight"]}
    built = flow().build(same)
    assert str(built.module).count(content_digest(same["a.self_attn.k_proj.weight"])) == 2
    assert rlxc.compile(built).fused_ir.count("v_proj") == 0
    assert "blake2b" in rlxc.compile(built, pipeline=None).source
    with pytest.raises(
        RlxcError, match=r"weight 'a.self_attn.v_proj.weight' does not hold what the program was fused for"
    ):
        rlxc.compile(built, weights=WEIGHTS)


@pytest.mark.parametrize("target", TARGETS)
def test_wrong_calls(built: BuiltModel, target: Any) -> None:
    fn = rlxc.compile(built, target)
    with pytest.raises(RlxcError, match="attn: dimension 'S' is 5 in 'x' but 6 in 'mask'"):
        fn(X, np.ones((2, 6), np.bool_))
    with pytest.raises(RlxcError, match="attn: 'x' has dtype float64, expected float32"):
        fn(X.astype(np.float64), MASK)
    with pytest.raises(RlxcError, match=r"attn: .*8"):
        fn(np.zeros((1, 9, 64), np.float32), np.ones((1, 9), np.bool_))


SMALL = "func.func @f(%x: tensor<1x2x4xf32>) -> tensor<1x2x4xf32> {{\n  {}\n  func.return %y : tensor<1x2x4xf32>\n}}\n"


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("shape", [(2, 6), (2, 1), (1, 5), (2, 0)])
def test_sizes_that_only_a_run_can_compare(target: Any, shape: tuple[int, int]) -> None:
    """Sizes with different names may differ, unless an operation says that they are one."""
    spec = SelfAttnPrefillSpec.hf_layer("a", 4, 16, 2, mask=padding())
    tables = RopeTables(theta=1e4, n_rot=16, max_positions=8)
    loose = ModelFlow("attn").input("x", ("B", "S", 64)).input("mask", ("C", "K"), dtype="i1")
    fn = rlxc.compile(loose.stage(tables).stage(SelfAttnPrefill(spec)).build(WEIGHTS), target)
    assert isinstance(fn(X, np.ones((2, 5), np.bool_)), np.ndarray)
    with pytest.raises(RlxcError, match=r"attn: rlx.attention.*: . and padding differ in '(batch|kv_len)'"):
        fn(X, np.ones(shape, np.bool_))


PROGRAMS: dict[str, tuple[str, str]] = {
    "syntax": ("func.func @f(", r"layer.mlir:1:14: "),
    "unknown operation": (
        SMALL.format("%y = rlx.rms_nrm %x : tensor<1x2x4xf32>"),
        r"layer.mlir:2:\d+: .*'rlx.rms_nrm'",
    ),
    "an operation that does not verify": (
        SMALL.format("%y = rlx.rms_norm %x {eps = -1.0 : f64} : tensor<1x2x4xf32>"),
        "layer.mlir:2:3: .*eps must not be negative",
    ),
    "no function": ("builtin.module {\n}\n", "the module has no public function"),
    "an input that callers cannot give": (
        "func.func @f(%x: tensor<1x2x4xf32>, %m: memref<4xf32>) -> tensor<1x2x4xf32> {\n"
        "  func.return %x : tensor<1x2x4xf32>\n}\n",
        r"input 'm' has type memref<4xf32>, which callers cannot give",
    ),
    "names for sizes that are fixed": (
        'func.func @f(%x: tensor<1x2x4xf32> {rlx.dims = ["B"]}) -> tensor<1x2x4xf32> {\n'
        "  func.return %x : tensor<1x2x4xf32>\n}\n",
        r"input 'x': rlx.dims = \[\"B\"\], expected 0 names",
    ),
    "a missing weight": (
        SMALL.format(
            '%w = rlx.param "w" : tensor<4x4xf32>\n  %y = rlx.matmul %x, %w : tensor<1x2x4xf32>, tensor<4x4xf32>'
        ),
        r"there is no weight 'w' in the weights \(none were given\)",
    ),
}


@pytest.mark.parametrize("case", PROGRAMS)
def test_wrong_programs(tmp_path: Path, case: str) -> None:
    text, problem = PROGRAMS[case]
    (tmp_path / "layer.mlir").write_text(text)
    for target in ("reference", "numpy"):
        with pytest.raises(RlxcError, match=problem):
            rlxc.compile(tmp_path / "layer.mlir", target)


@pytest.mark.parametrize(
    ("name", "problem"),
    [("missing.mlir", "cannot read"), ("binary.mlir", "not UTF-8 text"), ("a.txt", "unknown file type '.txt'")],
)
def test_wrong_files(tmp_path: Path, name: str, problem: str) -> None:
    (tmp_path / "binary.mlir").write_bytes(b"\xff\xfe")
    (tmp_path / "a.txt").write_text("")
    with pytest.raises(RlxcError, match=f"{name}': .*{problem}|{problem} '.*{name}'|{problem}"):
        rlxc.compile(tmp_path / name)


OPTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "target": ({"target": "numpi"}, r"unknown target 'numpi' \(did you mean 'numpy'\?\)"),
    "pipeline": ({"pipeline": "fuze"}, r"unknown pass 'fuze' \(did you mean 'fuse'\?\)"),
    "pass": ({"pipeline": "rlx-unfus"}, r"unknown pass 'rlx-unfus' \(did you mean 'rlx-unfuse'\?\)"),
    "pipeline syntax": ({"pipeline": "cse,,cse"}, "pipeline:1:5: Expected pass name here"),
    "pass option": ({"pipeline": "cse{deep=1}"}, "'cse' .*'deep'"),
    "dtype": ({"dtype": np.float64}, "target 'numpy' computes in the types of the program"),
    "threads": ({"threads": 2}, "target 'numpy' does not share its work"),
    "no threads": ({"target": "native", "threads": 0}, "threads must be a whole number from 1 to 1024, got 0"),
}


@pytest.mark.parametrize("case", OPTIONS)
def test_wrong_options(built: BuiltModel, case: str) -> None:
    options, problem = OPTIONS[case]
    with pytest.raises(RlxcError, match=problem):
        rlxc.compile(built, **options)


def test_wrong_weights(built: BuiltModel) -> None:
    short = {**WEIGHTS, "a.self_attn.k_proj.weight": np.ones((16, 64), np.float32)}
    for target in ("reference", "numpy"):
        with pytest.raises(RlxcError, match=r"weight 'a.self_attn.k_proj.weight' .* \[16, 64\]"):
            rlxc.compile(built, target, weights=short)


def test_import_is_light() -> None:
    code = "import rlxc, sys; print(sorted({'numpy', 'xdsl', 'lark'} & set(sys.modules)), sorted(rlxc.__all__))"
    shown = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert shown.split() == ["[]", *str(sorted(rlxc.__all__)).split()]


def test_public_names() -> None:
    for name in rlxc.__all__:
        assert getattr(rlxc, name).__name__ == name
        assert name in dir(rlxc)
    with pytest.raises(AttributeError, match="module 'rlxc' has no attribute 'compil'"):
        getattr(rlxc, "compil")
