"""Arrays of booleans from the affine level to NumPy, by way of bytes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp

from rlxc.native import build_function
from rlxc.passes.lowering.booleans_to_bytes import BooleansToBytesPass

NEGATION = """
func.func @negation(%x: memref<?xi1>, %result: memref<?xi1>) attributes {llvm.emit_c_interface} {
  %c0 = arith.constant 0 : index
  %true = arith.constant true
  %n = memref.dim %x, %c0 : memref<?xi1>
  affine.for %i = 0 to %n {
    %0 = affine.load %x[%i] : memref<?xi1>
    %1 = arith.xori %0, %true : i1
    affine.store %1, %result[%i] : memref<?xi1>
  }
  return
}
func.func @negation_prepare(%x: memref<?xi1>) -> (i64, i64) attributes {llvm.emit_c_interface, rlx.checks = []} {
  %c0 = arith.constant 0 : index
  %ok = arith.constant 0 : i64
  %n = memref.dim %x, %c0 : memref<?xi1>
  %size = arith.index_cast %n : index to i64
  return %ok, %size : i64, i64
}
"""


def test_booleans_become_bytes_and_back(parse: Callable[[str], ModuleOp]) -> None:
    module = parse(NEGATION)
    BooleansToBytesPass().apply(Context(), module)
    module.verify()
    given = np.random.default_rng(0).random(1000) > 0.5
    (result,) = build_function(module)([given], [])
    assert result.dtype == np.bool_
    np.testing.assert_array_equal(result, ~given)
    np.testing.assert_array_equal(result.view(np.uint8), (~given).astype(np.uint8))


def test_any_byte_but_zero_is_true(parse: Callable[[str], ModuleOp]) -> None:
    module = parse(NEGATION)
    BooleansToBytesPass().apply(Context(), module)
    (result,) = build_function(module)([np.array([0, 1, 2, 128, 255], np.uint8).view(np.bool_)], [])
    assert result.tolist() == [True, False, False, False, False]
