"""Functions whose work is shared compute what NumPy does, whatever the number of threads."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from rlxc.native import NativeFunction
from shared_work import shared_function

Array = NDArray[Any]

ROWS = """
#row = affine_map<(b, s, d) -> (b, s)>
#all = affine_map<(b, s, d) -> (b, s, d)>
#gain = affine_map<(b, s, d) -> (d)>
#per_row = affine_map<(b, s) -> (b, s)>

// Sum and norm of x + y: five operations, one loop.
func.func @add_norm(%x: tensor<?x?x72xf32> {rlx.dims = ["B", "S"]}, %y: tensor<?x?x72xf32> {rlx.dims = ["B", "S"]},
                    %gamma: tensor<72xf32>, %num_threads: index {rlx.num_threads})
    -> (tensor<?x?x72xf32>, tensor<?x?x72xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %B = tensor.dim %x, %c0 : tensor<?x?x72xf32>
  %S = tensor.dim %x, %c1 : tensor<?x?x72xf32>
  %e = tensor.empty(%B, %S) : tensor<?x?x72xf32>
  %sum = linalg.generic {indexing_maps = [#all, #all, #all], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x, %y : tensor<?x?x72xf32>, tensor<?x?x72xf32>) outs(%e : tensor<?x?x72xf32>) {
    ^bb0(%a: f32, %b: f32, %o: f32):
      %0 = arith.addf %a, %b : f32
      linalg.yield %0 : f32
  } -> tensor<?x?x72xf32>
  %e_rows = tensor.empty(%B, %S) : tensor<?x?xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%e_rows : tensor<?x?xf32>) -> tensor<?x?xf32>
  %squares = linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%sum : tensor<?x?x72xf32>) outs(%zeros : tensor<?x?xf32>) {
    ^bb0(%a: f32, %acc: f32):
      %0 = arith.mulf %a, %a : f32
      %1 = arith.addf %acc, %0 : f32
      linalg.yield %1 : f32
  } -> tensor<?x?xf32>
  %rms = linalg.generic {indexing_maps = [#per_row, #per_row], iterator_types = ["parallel", "parallel"]}
      ins(%squares : tensor<?x?xf32>) outs(%e_rows : tensor<?x?xf32>) {
    ^bb0(%a: f32, %o: f32):
      %n = arith.constant 72.0 : f32
      %0 = arith.divf %a, %n : f32
      %1 = math.sqrt %0 : f32
      linalg.yield %1 : f32
  } -> tensor<?x?xf32>
  %e2 = tensor.empty(%B, %S) : tensor<?x?x72xf32>
  %normed = linalg.generic {indexing_maps = [#all, #row, #gain, #all],
                            iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%sum, %rms, %gamma : tensor<?x?x72xf32>, tensor<?x?xf32>, tensor<72xf32>) outs(%e2 : tensor<?x?x72xf32>) {
    ^bb0(%a: f32, %r: f32, %g: f32, %o: f32):
      %0 = arith.divf %a, %r : f32
      %1 = arith.mulf %0, %g : f32
      linalg.yield %1 : f32
  } -> tensor<?x?x72xf32>
  return %sum, %normed : tensor<?x?x72xf32>, tensor<?x?x72xf32>
}
"""


@cache
def add_norm() -> NativeFunction:
    return shared_function(ROWS)


def array(*shape: int, seed: int = 0) -> Array:
    return np.asarray(np.random.default_rng(seed).standard_normal(shape, np.float32))


@pytest.mark.parametrize("num_threads", [1, 2, 3])
@pytest.mark.parametrize(("batch", "length"), [(1, 1), (1, 7), (2, 5), (3, 1), (0, 4), (2, 0)])
def test_add_norm(batch: int, length: int, num_threads: int):
    x, y, gamma = array(batch, length, 72), array(batch, length, 72, seed=1), array(72, seed=2)
    added, normed = add_norm()((x, y, gamma), (), num_threads)
    expected = x + y
    np.testing.assert_array_equal(added, expected)
    rms = np.sqrt(np.mean(expected.astype(np.float64) ** 2, axis=-1, keepdims=True))
    np.testing.assert_allclose(normed, expected / rms * gamma, rtol=1e-6)


def test_repeated_calls_agree_in_all_bits():
    arguments = array(3, 11, 72), array(3, 11, 72, seed=1), array(72, seed=2)
    first = add_norm()(arguments, (), 1)
    for _ in range(1000):
        for found, expected in zip(add_norm()(arguments, (), 3), first, strict=True):
            assert np.array_equal(found, expected)


@cache
def halved(rank: int) -> NativeFunction:
    """Half of each element."""
    kind, indices = f"tensor<{'?x' * rank}f32>", ", ".join(f"d{axis}" for axis in range(rank))
    same, parallel = f"affine_map<({indices}) -> ({indices})>", ", ".join(['"parallel"'] * rank)
    axes = "".join(f"%a{axis} = arith.constant {axis} : index\n" for axis in range(rank))
    dims = "".join(f"%n{axis} = tensor.dim %x, %a{axis} : {kind}\n" for axis in range(rank))
    return shared_function(f"""
func.func @halved(%x: {kind}, %num_threads: index {{rlx.num_threads}}) -> {kind} {{
  {axes}{dims}%e = tensor.empty({", ".join(f"%n{axis}" for axis in range(rank))}) : {kind}
  %y = linalg.generic {{indexing_maps = [{same}, {same}], iterator_types = [{parallel}]}}
      ins(%x : {kind}) outs(%e : {kind}) {{
    ^bb0(%a: f32, %o: f32):
      %half = arith.constant 0.5 : f32
      %0 = arith.mulf %a, %half : f32
      linalg.yield %0 : f32
  }} -> {kind}
  return %y : {kind}
}}""")


@pytest.mark.parametrize("num_threads", [1, 2, 3, 5])
@pytest.mark.parametrize(
    "shape", [(), (0,), (1,), (13,), (1, 37), (2, 37), (7, 3), (0, 3), (3, 0), (2, 3, 5), (2, 1, 3, 1), (2, 3, 1, 2, 5)]
)
def test_arrays_of_any_rank(shape: tuple[int, ...], num_threads: int):
    x = array(*shape)
    (y,) = halved(len(shape))((x,), (), num_threads)
    np.testing.assert_array_equal(y, x * np.float32(0.5))
