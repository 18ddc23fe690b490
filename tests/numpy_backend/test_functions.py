"""Functions that call each other, and scalars that loops carry."""

from __future__ import annotations

import numpy as np
import pytest

from printed_numpy import printed

CALL = """
func.func private @scaled(%x: tensor<?xf32>, %s: f32) -> (tensor<?xf32>, index) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %init = tensor.empty(%n) : tensor<?xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
    ins(%x : tensor<?xf32>) outs(%init : tensor<?xf32>) {
    ^bb0(%e: f32, %acc: f32):
      %v = arith.mulf %e, %s : f32
      linalg.yield %v : f32
  } -> tensor<?xf32>
  func.return %y, %n : tensor<?xf32>, index
}

func.func @load(%x: tensor<?xf32>) -> tensor<?xf32> {
  %two = arith.constant 2.0 : f32
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %y, %n = func.call @scaled(%x, %two) : (tensor<?xf32>, f32) -> (tensor<?xf32>, index)
  %rows = tensor.dim %y, %c0 : tensor<?xf32>
  %fewer = arith.subi %rows, %c1 : index
  %z = tensor.extract_slice %y[0] [%fewer] [1] : tensor<?xf32> to tensor<?xf32>
  func.return %z : tensor<?xf32>
}
"""


def test_a_private_function_is_called():
    code = printed(CALL)
    assert code.entry == "load_1"
    assert code.body == [
        "x_dim0 = x.shape[0]",
        "y, n = scaled(x, 2.0)",
        "fewer = x_dim0 - 1",
        "z = y[:fewer]",
        "return z",
    ]
    assert '"""x [x_dim0] -> [x_dim0 - 1]."""' in code.source
    (result,) = code(np.arange(4, dtype=np.float32))
    assert np.array_equal(result, [0, 2, 4])


EQUAL_SIZES = """
func.func @f(%x: tensor<?xf32>, %y: tensor<?xf32>) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %m = tensor.dim %x, %c0 : tensor<?xf32>
  %n = tensor.dim %y, %c0 : tensor<?xf32>
  %equal = arith.cmpi eq, %m, %n : index
  cf.assert %equal, "x and y differ"
  %again = arith.cmpi eq, %n, %m : index
  cf.assert %again, "y and x differ"
  %less = arith.cmpi ule, %n, %m : index
  cf.assert %less, "y is longer"
  func.return %x : tensor<?xf32>
}
"""


def test_sizes_are_compared_once():
    code = printed(EQUAL_SIZES)
    assert [line for line in code.body if line.startswith("raise")] == [
        'raise ValueError("x and y differ")',
        'raise ValueError("y is longer")',
    ]


SUM_OF_NUMBERS = """
func.func @f(%x: tensor<?xf32>, %n: index) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %a, %b = scf.for %i = %c1 to %n step %c2 iter_args(%a_0 = %c0, %b_0 = %c1) -> (index, index) {
    %following = arith.addi %a_0, %b_0 : index
    scf.yield %b_0, %following : index, index
  }
  %y = tensor.extract_slice %x[0] [%a] [1] : tensor<?xf32> to tensor<?xf32>
  func.return %y : tensor<?xf32>
}
"""


@pytest.mark.parametrize(("n", "fibonacci"), [(0, 0), (2, 1), (4, 1), (6, 2), (8, 3), (10, 5), (12, 8)])
def test_a_loop_carries_numbers(n: int, fibonacci: int):
    code = printed(SUM_OF_NUMBERS)
    assert code.body[2:5] == ["for i in range(1, n, 2):", "following = a + b", "a, b = b, following"]
    (result,) = code(np.arange(9, dtype=np.float32), n)
    assert len(result) == fibonacci
