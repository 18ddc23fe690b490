"""Layers that are called: the numbers of a program in which everything is written out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import CallOp, FuncOp

import rlxc
from rlxc import RlxcError
from rlxc.diagnostics import parse_module
from rlxc.inspect.calls import without_calls
from rlxc.inspect.registry import make_context
from rlxc.runtime.levels import lower_to

HIDDEN, POSITIONS = 60, 64

TYPE = f"tensor<?x?x{HIDDEN}xf32>"


def attention_layer(name: str, window: int = 0) -> str:
    """Attention of 5 heads, of which two keys serve each, with a norm and a residual."""
    mask = f"sliding<{window}>" if window else "causal"
    return f"""
func.func private @{name}(%h: {TYPE}) -> {TYPE} {{
  %g = rlx.param "norm" : tensor<{HIDDEN}xf32>
  %wq = rlx.param "q" transposed : tensor<{HIDDEN}x60xf32>
  %wk = rlx.param "k" transposed : tensor<{HIDDEN}x12xf32>
  %wo = rlx.param "o" transposed : tensor<60x{HIDDEN}xf32>
  %cos = rlx.rope_table cos {{theta = 10000.0 : f64}} : tensor<{POSITIONS}x4xf32>
  %sin = rlx.rope_table sin {{theta = 10000.0 : f64}} : tensor<{POSITIONS}x4xf32>
  %n = rlx.rms_norm %h gamma(%g) {{eps = 1.0e-5 : f64}} : {TYPE}
  %q = rlx.matmul %n, %wq : {TYPE}, tensor<{HIDDEN}x60xf32>
  %k = rlx.matmul %n, %wk : {TYPE}, tensor<{HIDDEN}x12xf32>
  %a = rlx.attention %q, %k, %k rope(%cos, %sin) mask({mask})
    {{num_heads = 5, num_kv_heads = 1, head_dim = 12, n_rot = 8}}
    : tensor<?x?x60xf32>, tensor<?x?x12xf32>
  %o = rlx.matmul %a, %wo : tensor<?x?x60xf32>, tensor<60x{HIDDEN}xf32>
  %r = arith.addf %h, %o : {TYPE}
  %y = func.call @mlp(%r) {{rlx.scope = "mlp."}} : ({TYPE}) -> {TYPE}
  func.return %y : {TYPE}
}}"""


MLP = f"""
func.func private @mlp(%h: {TYPE}) -> {TYPE} {{
  %wg = rlx.param "gate" transposed : tensor<{HIDDEN}x70xf32>
  %wu = rlx.param "up" transposed : tensor<{HIDDEN}x70xf32>
  %wd = rlx.param "down" transposed : tensor<70x{HIDDEN}xf32>
  %gate = rlx.matmul %h, %wg : {TYPE}, tensor<{HIDDEN}x70xf32>
  %up = rlx.matmul %h, %wu : {TYPE}, tensor<{HIDDEN}x70xf32>
  %act = rlx.glu %gate, %up activation(silu) : tensor<?x?x70xf32>
  %down = rlx.matmul %act, %wd : tensor<?x?x70xf32>, tensor<70x{HIDDEN}xf32>
  %y = arith.addf %h, %down : {TYPE}
  func.return %y : {TYPE}
}}"""


def model(*layers: str) -> ModuleOp:
    """A program that calls functions one after the other, each with the weights of another layer."""
    lines, x = [f"func.func @model(%x: {TYPE}) -> {TYPE} {{"], "%x"
    for number, layer in enumerate(layers):
        lines.append(f'  %y{number} = func.call @{layer}({x}) {{rlx.scope = "layers.{number}."}} : ({TYPE}) -> {TYPE}')
        x = f"%y{number}"
    lines += [f"  func.return {x} : {TYPE}", "}"]
    functions = (attention_layer("whole"), attention_layer("window", 5), MLP)
    return parse_module(make_context(), "\n".join((*lines, *functions)))


ALTERNATING = ("whole", "window", "whole", "whole", "window")


def array(length: int) -> NDArray[Any]:
    return np.random.default_rng(length).standard_normal((2, length, HIDDEN)).astype(np.float32)


def called(module: ModuleOp) -> list[str]:
    """The functions of the program that are lowered by themselves."""
    functions = [op for op in lower_to(module, "kernels").ops if isinstance(op, FuncOp)]
    names = [one.sym_name.data for one in functions if not one.sym_name.data.startswith("rlxc_")]
    return [name for name in names if name in ("whole", "window", "mlp")]


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        (("whole", "whole"), ["whole"]),
        (ALTERNATING, ["whole", "window", "mlp"]),
        (("whole", "window"), ["mlp"]),
        (("whole",), []),
    ],
)
def test_what_is_called_repeatedly_stays_a_function(layers: tuple[str, ...], expected: list[str]) -> None:
    assert called(model(*layers)) == expected


@pytest.mark.usefixtures("used_memory")
@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("layers", [("whole",) * 4, ALTERNATING], ids=["equal", "alternating"])
def test_native_calls_compute_what_is_written_out(layers: tuple[str, ...], threads: int) -> None:
    module = model(*layers)
    with_calls = rlxc.compile(module, "native", weights="random:1", threads=threads)
    inlined = rlxc.compile(without_calls(module), "native", weights="random:1", threads=threads)
    for length in (0, 1, 5, 37):
        np.testing.assert_array_equal(with_calls(array(length)), inlined(array(length)))


@pytest.mark.parametrize("target", ["numpy", "native"])
def test_targets_agree_with_the_reference(target: Any) -> None:
    module, x = model(*ALTERNATING), array(33)
    expected = rlxc.compile(module, "reference", weights="random:1", dtype=np.float64)(x)
    found = rlxc.compile(module, target, weights="random:1")(x)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5 * np.abs(expected).max())


@pytest.mark.parametrize("target", ["numpy", "native"])
def test_conditions_of_called_functions_hold_before_the_call(target: Any) -> None:
    function = rlxc.compile(model("whole", "whole"), target, weights="random:1")
    with pytest.raises(RlxcError, match=r"k has more positions than the rope tables hold \(64\)"):
        function(array(POSITIONS + 1))


def test_a_condition_is_checked_once() -> None:
    lowered = lower_to(model(*["whole"] * 4), "kernels")
    prepare = next(op for op in lowered.ops if isinstance(op, FuncOp) and op.sym_name.data == "model_prepare")
    assert str(prepare).count("positions than the rope tables hold") == 1


def test_weights_of_all_calls_are_needed() -> None:
    rng = np.random.default_rng(0)
    weights = {"layers.0.norm": rng.standard_normal(HIDDEN).astype(np.float32)}
    with pytest.raises(RlxcError, match=r"layers\.0\.q"):
        rlxc.compile(model("whole"), "numpy", weights=weights)


def test_profiles_show_what_is_called() -> None:
    function = rlxc.compile(model("whole", "whole"), "native", weights="random:1", threads=2)
    rows = str(function.profile(array(7)))
    assert rows.count("rlx.attention") == 2


def test_many_layers_are_as_large_as_two() -> None:
    def functions(count: int) -> list[str]:
        return [str(op) for op in lower_to(model(*["whole"] * count), "kernels").ops if isinstance(op, FuncOp)][2:]

    assert functions(2) == functions(9)


def test_the_linalg_level_writes_everything_out() -> None:
    assert not any(isinstance(op, CallOp) for op in lower_to(model(*ALTERNATING), "linalg").walk())


CACHE = "tensor<?x?x60xf32>"


def appending(first: str, second: str, donated: str) -> ModuleOp:
    """Two calls that each append to what they get as the caches `first` and `second`, of the entry function's two."""
    results = ", ".join([TYPE, CACHE, CACHE])
    signature = f"({TYPE}, {CACHE}, {CACHE}, index) -> ({results})"
    text = f"""
func.func @model(%x: {TYPE}, %c: {CACHE}{donated}, %d: {CACHE}{donated}, %p: index) -> ({results}, {results}) {{
  %a:3 = func.call @layer(%x, {first}, {second}, %p) {{rlx.scope = "0."}} : {signature}
  %b:3 = func.call @layer(%a#0, {first}, {second}, %p) {{rlx.scope = "1."}} : {signature}
  func.return %a#0, %a#1, %a#2, %b#0, %b#1, %b#2 : {results}, {results}
}}
func.func private @layer(%h: {TYPE}, %k: {CACHE} {{rlx.donated}}, %v: {CACHE} {{rlx.donated}}, %p: index)
    -> ({results}) {{
  %wk = rlx.param "k" transposed : tensor<60x60xf32>
  %wv = rlx.param "v" transposed : tensor<60x60xf32>
  %new_k = rlx.matmul %h, %wk : {TYPE}, tensor<60x60xf32>
  %new_v = rlx.matmul %h, %wv : {TYPE}, tensor<60x60xf32>
  %keys = rlx.kv_append %k, %new_k position(%p) : {CACHE}, {TYPE}
  %values = rlx.kv_append %v, %new_v position(%p) : {CACHE}, {TYPE}
  %y = rlx.attention %new_k, %keys, %values {{num_heads = 5, num_kv_heads = 5, head_dim = 12}} : {TYPE}, {CACHE}
  func.return %y, %keys, %values : {results}
}}"""
    return parse_module(make_context(), text)


@pytest.mark.parametrize("donated", ["", " {rlx.donated}"])
@pytest.mark.parametrize(("first", "second"), [("%c", "%d"), ("%c", "%c")])
def test_caches_of_calls_are_apart_even_if_one_is_passed_twice(first: str, second: str, donated: str) -> None:
    module, rng = appending(first, second, donated), np.random.default_rng(0)
    arrays = [rng.standard_normal((2, rows, HIDDEN)).astype(np.float32) for rows in (3, 8, 8)]
    expected = rlxc.compile(module, "reference", weights="random:1", dtype=np.float64)(*arrays, 4)
    for target in ("native", "numpy"):
        function = rlxc.compile(module, target, weights="random:1")
        for found, wanted in zip(function(*(one.copy() for one in arrays), 4), expected, strict=True):
            np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-5 * np.abs(wanted).max())


LOOP = f"""
func.func @model(%x: {TYPE}, %n: index) -> {TYPE} {{
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %y = func.call @mlp(%x) : ({TYPE}) -> {TYPE}
  %r = scf.for %i = %zero to %n step %one iter_args(%h = %y) -> ({TYPE}) {{
    %next = func.call @mlp(%h) : ({TYPE}) -> {TYPE}
    scf.yield %next : {TYPE}
  }}
  func.return %r : {TYPE}
}}"""


def test_what_is_called_in_a_loop_is_written_out() -> None:
    module = parse_module(make_context(), LOOP + MLP)
    native, plain = (rlxc.compile(module, target, weights="random:1") for target in ("native", "numpy"))
    for count in (0, 1, 3):
        expected = plain(array(5), count)
        np.testing.assert_allclose(native(array(5), count), expected, rtol=0, atol=1e-5 * np.abs(expected).max())
