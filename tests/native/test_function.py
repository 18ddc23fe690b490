"""Calling native code on NumPy arrays: numbers, checks, threads."""

from __future__ import annotations

import gc
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp

from rlxc.diagnostics import RlxcError
from rlxc.native import NativeFunction, build_function

Array = NDArray[Any]
erf = np.vectorize(math.erf, otypes=[np.float64])


def sample(seed: int = 0, batch: int = 2, seq: int = 5) -> tuple[list[Any], list[Array]]:
    """Inputs and parameters of `gated_linear`."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((batch, seq, 4)).astype(np.float32)
    visible = rng.random((batch, seq)) > 0.5
    parameters = [rng.standard_normal(shape).astype(np.float32) for shape in ((4, 6), (16, 6))]
    return [x, visible, 3], parameters


def expected(inputs: list[Any], parameters: list[Array]) -> Array:
    """`gated_linear` in float64, from its formula."""
    x, visible, position = inputs
    weight, table = (array.astype(np.float64) for array in parameters)
    rows = table[position : position + x.shape[1]]
    values = erf(np.tanh(np.exp(rows - np.square(x.astype(np.float64) @ weight))))
    return np.where(visible[..., None], values, 0.0)


@pytest.mark.parametrize(("batch", "seq"), [(1, 1), (2, 5), (3, 13), (0, 4), (2, 0)])
def test_numbers(gated_linear: NativeFunction, batch: int, seq: int) -> None:
    inputs, parameters = sample(1, batch, seq)
    (result,) = gated_linear(inputs, parameters)
    assert result.dtype == np.float32
    assert result.shape == (batch, seq, 6)
    np.testing.assert_allclose(result, expected(inputs, parameters), atol=1e-6)


def test_scalars_and_rank_zero(scalars: NativeFunction) -> None:
    c = np.array(0.125)
    floats, integers, flag = scalars([1.5, 0.25, 2**31 - 1, -(2**63), 5, True, c], [])
    assert floats.shape == flag.shape == ()
    assert float(floats) == 1.875
    assert integers.tolist() == [2**31 - 1 - 2**63 + 5, 5]
    assert flag.dtype == np.bool_
    assert bool(flag)


def test_numpy_scalars_are_numbers(scalars: NativeFunction) -> None:
    given = [np.float32(1.0), np.float64(2.0), np.int32(3), np.int64(4), np.int8(5), np.bool_(False), np.array(0.0)]
    floats, integers, flag = scalars(given, [])
    assert (float(floats), integers[0], bool(flag)) == (3.0, 12, False)


def test_failing_check_gives_its_message(gated_linear: NativeFunction) -> None:
    (x, visible, _), parameters = sample()
    with pytest.raises(RlxcError, match="gated_linear: position must not be negative"):
        gated_linear([x, visible, -1], parameters)
    with pytest.raises(RlxcError, match='gated_linear: the "cos" table holds 16 positions'):
        gated_linear([x, visible, 12], parameters)


def test_failing_check_without_dynamic_results(scalars: NativeFunction) -> None:
    with pytest.raises(RlxcError, match="scalars: i must not be negative"):
        scalars([0.0, 0.0, -1, 0, 0, False, np.array(0.0)], [])


WRONG_INPUTS = {
    "rank": (0, np.zeros((5, 4), np.float32), r"'x' must have shape \[B, S, 4\], got \[5, 4\]"),
    "static size": (0, np.zeros((2, 5, 3), np.float32), r"'x' must have shape \[B, S, 4\], got \[2, 5, 3\]"),
    "named size": (1, np.zeros((2, 6), np.bool_), "'S' is 5 in 'x' but 6 in 'visible'"),
    "dtype": (0, np.zeros((2, 5, 4)), "'x' must have dtype float32, got float64"),
    "byte order": (0, np.zeros((2, 5, 4), ">f4"), "'x' must have dtype float32, got >f4"),
    "boolean as byte": (1, np.zeros((2, 5), np.uint8), "'visible' must have dtype bool, got uint8"),
    "list": (0, [[[0.0]]], "'x' must be a NumPy array, got list"),
    "float for index": (2, 1.0, "'position' must be a whole number, got float"),
    "too large": (2, 2**63, "'position' is 9223372036854775808, which does not fit in index"),
}


@pytest.mark.parametrize("case", WRONG_INPUTS)
def test_wrong_input(gated_linear: NativeFunction, case: str) -> None:
    index, value, message = WRONG_INPUTS[case]
    inputs, parameters = sample()
    inputs[index] = value
    with pytest.raises(RlxcError, match=message):
        gated_linear(inputs, parameters)


def test_wrong_counts_and_parameters(gated_linear: NativeFunction) -> None:
    inputs, parameters = sample()
    with pytest.raises(RlxcError, match="expected 3 inputs, got 2"):
        gated_linear(inputs[:2], parameters)
    with pytest.raises(RlxcError, match="expected 2 parameters, got 1"):
        gated_linear(inputs, parameters[:1])
    with pytest.raises(RlxcError, match=r"'weight' must have shape \[4, 6\], got \[6, 4\]"):
        gated_linear(inputs, [parameters[0].T, parameters[1]])


def test_arrays_that_are_not_contiguous_are_copied(gated_linear: NativeFunction) -> None:
    (x, visible, position), parameters = sample()
    wide = np.zeros((2, 5, 8), np.float32)
    wide[:, :, ::2] = x
    unaligned = np.frombuffer(b"\0" + parameters[0].tobytes(), np.float32, offset=1).reshape(4, 6)
    assert not unaligned.flags.aligned
    assert not wide[:, :, ::2].flags.c_contiguous
    inputs = [wide[:, :, ::2], np.asfortranarray(visible), position]
    np.testing.assert_array_equal(
        gated_linear(inputs, [unaligned, parameters[1]])[0], gated_linear([x, visible, position], parameters)[0]
    )


def test_inputs_may_be_read_only(gated_linear: NativeFunction) -> None:
    inputs, parameters = sample()
    for array in (inputs[0], inputs[1], *parameters):
        array.setflags(write=False)
    gated_linear(inputs, parameters)


def test_bound_parameters_are_checked_and_described_once(gated_linear: NativeFunction) -> None:
    inputs, parameters = sample()
    bound = gated_linear.bind(parameters)
    np.testing.assert_array_equal(bound(inputs)[0], gated_linear(inputs, parameters)[0])
    parameters[0][:] = 0.0
    np.testing.assert_array_equal(bound(inputs)[0], gated_linear(inputs, parameters)[0])


def test_calls_from_threads_do_not_disturb_each_other(gated_linear: NativeFunction) -> None:
    samples = [sample(seed, batch=1 + seed % 3, seq=1 + seed % 11) for seed in range(64)]
    with ThreadPoolExecutor(8) as pool:
        calls = [pool.submit(gated_linear, *one) for one in samples * 4]
    for one, call in zip(samples * 4, calls, strict=True):
        np.testing.assert_allclose(call.result()[0], expected(*one), atol=1e-6)


def test_function_keeps_its_code_alive(affine_text: Callable[[str], str], parse: Callable[[str], ModuleOp]) -> None:
    bound = build_function(parse(affine_text("scalars"))).bind([])
    gc.collect()
    _, integers, _ = bound([0.0, 0.0, 1, 2, 3, True, np.array(0.0)])
    assert integers[0] == 6


HUGE = """
func.func @huge(%n: index, %m: index, %result: memref<?xf64>, %arena: memref<?xi8> {rlx.arena})
    attributes {llvm.emit_c_interface} { return }
func.func @huge_prepare(%n: index, %m: index) -> (i64, i64, i64)
    attributes {llvm.emit_c_interface, rlx.checks = []} {
  %ok = arith.constant 0 : i64
  %size = arith.index_cast %n : index to i64
  %bytes = arith.index_cast %m : index to i64
  return %ok, %size, %bytes : i64, i64, i64
}
"""


def test_memory_that_is_not_there(parse: Callable[[str], ModuleOp]) -> None:
    function = build_function(parse(HUGE))
    with pytest.raises(RlxcError, match=r"cannot allocate a result of shape \[1152921504606846976\]"):
        function([2**60, 0], [])
    with pytest.raises(RlxcError, match="cannot allocate 1152921504606846976 bytes for temporaries"):
        function([0, 2**60], [])
    assert function([3, 0], [])[0].shape == (3,)


ADD_ONE = """
func.func @add_one(%x: memref<?xf32> {rlx.name = "x", rlx.donated}, %sum: memref<1xf32>)
    attributes {llvm.emit_c_interface} {
  %one = arith.constant 1.0 : f32
  %c0 = arith.constant 0 : index
  %n = memref.dim %x, %c0 : memref<?xf32>
  affine.for %i = 0 to %n {
    %0 = affine.load %x[%i] : memref<?xf32>
    %1 = arith.addf %0, %one : f32
    affine.store %1, %x[%i] : memref<?xf32>
  }
  affine.store %one, %sum[0] : memref<1xf32>
  return
}
func.func @add_one_prepare(%x: memref<?xf32>) -> i64 attributes {llvm.emit_c_interface, rlx.checks = []} {
  %ok = arith.constant 0 : i64
  return %ok : i64
}
"""


def test_donated_input_is_written_in_place(parse: Callable[[str], ModuleOp]) -> None:
    function = build_function(parse(ADD_ONE))
    given = np.arange(3, dtype=np.float32)
    function([given], [])
    assert given.tolist() == [1.0, 2.0, 3.0]
    with pytest.raises(RlxcError, match="'x' is written to: it must be a contiguous, writeable array"):
        function([given[::2]], [])
    given.setflags(write=False)
    with pytest.raises(RlxcError, match="'x' is written to"):
        function([given], [])


def test_donated_input_shares_no_memory_with_another(parse: Callable[[str], ModuleOp]) -> None:
    text = ADD_ONE.replace("rlx.donated}", 'rlx.donated}, %y: memref<?xf32> {rlx.name = "y"}')
    function = build_function(parse(text.replace("(%x: memref<?xf32>)", "(%x: memref<?xf32>, %y: memref<?xf32>)")))
    given = np.arange(6, dtype=np.float32)
    for y in (given[:3], given[2:5]):
        with pytest.raises(RlxcError, match="'x' is written to: it must not share memory with 'y'") as caught:
            function([given[:3], y], [])
        assert caught.value.hint == "pass a copy as 'x'"
    assert given.tolist() == [0, 1, 2, 3, 4, 5]
    function([given[:3], given[3:]], [])
    assert given.tolist() == [1, 2, 3, 3, 4, 5]
