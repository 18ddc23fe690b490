"""The error of `2^x` for x that is not above 0, in units in the last place."""

from __future__ import annotations

import numpy as np
from xdsl.dialects.builtin import DYNAMIC_INDEX, MemRefType, ModuleOp, f32
from xdsl.ir import SSAValue

from rlxc.passes.kernels.polynomials.exponential import exp2_below_one
from rlxc.passes.kernels.polynomials.lanes import Floats
from rlxc.passes.kernels.vectors import Vector, each, function, load, store
from rlxc.passes.kernels.views import size_of
from rlxc.passes.lowering.scalars import Scalar
from threaded_functions import Array, ThreadedFunctions


def computed(x: Array) -> Array:
    """`2^x` of a multiple of 8 numbers, compiled."""
    kind = MemRefType(f32, [DYNAMIC_INDEX])

    def body(source: SSAValue, destination: SSAValue) -> None:
        def compute(i: Scalar) -> None:
            store(Vector(exp2_below_one(Floats(load(source, [i], 8).value)).value), destination, [i])

        each(0, size_of(source, 0), 8, compute)

    entry = function("powers", (("source", kind), ("destination", kind)), body)
    y = np.full_like(x, np.nan)
    ThreadedFunctions(ModuleOp([entry])).call("powers", [[x, y]])
    return y


def test_error_is_below_one_unit_and_a_half():
    x = np.linspace(-126, 0, 1 << 20, dtype=np.float32)
    exact = np.exp2(x.astype(np.float64))
    assert (np.abs(computed(x) - exact) / np.spacing(exact.astype(np.float32))).max() < 1.5


def test_what_is_too_small_is_zero():
    x = np.array([-np.inf, -3e38, -1e9, -200, -127.5, -127, -126.75, -126.625], np.float32)
    np.testing.assert_array_equal(computed(x), np.zeros(8))


def test_one_and_nan_are_exact():
    x = np.array([0, -0.0, np.nan, -np.nan] * 2, np.float32)
    np.testing.assert_array_equal(computed(x), [1, 1, np.nan, np.nan] * 2)
