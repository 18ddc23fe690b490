"""The errors of the expanded functions, in units in the last place: a dense sample of all float32 numbers.

`bench/polynomials.py` tries all 2^32 of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from xdsl.context import Context

from compiled_functions import parse
from rlxc.passes.kernels.expand_math import RlxExpandMathPass
from threaded_functions import ThreadedFunctions

Floats = NDArray[np.float32]
Reference = Callable[[NDArray[np.float64]], NDArray[np.float64]]

REFERENCES: dict[str, Reference] = {
    "exp": np.exp,
    "exp2": np.exp2,
    "tanh": np.tanh,
    "erf": np.vectorize(math.erf, otypes=[np.float64]),
}

LOOPS = """
func.func @{name}(%x: memref<?xf32>, %y: memref<?xf32>) {{
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = memref.dim %x, %c0 : memref<?xf32>
  scf.for %i = %c0 to %n step %c1 {{
    %v = memref.load %x[%i] : memref<?xf32>
    %r = math.{name} %v : f32
    memref.store %r, %y[%i] : memref<?xf32>
  }}
  return
}}
func.func @{name}_of_vectors(%x: memref<?xf32>, %y: memref<?xf32>) {{
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  %n = memref.dim %x, %c0 : memref<?xf32>
  scf.for %i = %c0 to %n step %c8 {{
    %v = vector.load %x[%i] : memref<?xf32>, vector<8xf32>
    %r = math.{name} %v : vector<8xf32>
    vector.store %r, %y[%i] : memref<?xf32>, vector<8xf32>
  }}
  return
}}
"""


@cache
def compiled(*, fused: bool = True) -> ThreadedFunctions:
    """The functions of LOOPS, with fused multiply-adds where the machine has them, or without."""
    module = parse("".join(LOOPS.format(name=name) for name in REFERENCES))
    RlxExpandMathPass().apply(Context(), module)
    module.verify()
    if not fused:
        for op in module.walk():
            op.properties.pop("fastmath", None)
    return ThreadedFunctions(module)


def computed(name: str, x: Floats, **options: Any) -> Floats:
    y = np.full_like(x, np.nan)
    compiled(**options).bind(name, [x, y])()
    return y


def ulps(y: Floats, exact: NDArray[np.float64]) -> NDArray[np.float64]:
    """How many units in the last place of the exact result a float32 result is away from it."""
    with np.errstate(over="ignore"):
        overflows = np.isinf(exact.astype(np.float32)) & np.isposinf(y)
        unit = np.spacing(np.minimum(np.abs(exact), np.float32(3.3e38)).astype(np.float32))
    return np.abs(np.where(overflows, 0, y) - np.where(overflows, 0, exact)) / unit


def sample(per_exponent: int, seed: int) -> Floats:
    """So many numbers with each sign and exponent, and many more that are neither tiny nor huge."""
    random = np.random.default_rng(seed)
    tops = np.arange(512, dtype=np.uint32)[:, None] << 23
    bits = tops | random.integers(0, 1 << 23, (512, per_exponent), dtype=np.uint32)
    anywhere = bits.view(np.float32).ravel()
    common = [random.uniform(-size, size, 128 * per_exponent).astype(np.float32) for size in (1, 5, 20, 140)]
    return np.concatenate([anywhere[np.isfinite(anywhere)], *common])


@pytest.mark.parametrize("fused", [True, False])
@pytest.mark.parametrize("name", REFERENCES)
def test_error_is_below_two_units(name: str, fused: bool):
    x = sample(1024, seed=len(name) + fused)
    with np.errstate(over="ignore", under="ignore"):
        exact = REFERENCES[name](x.astype(np.float64))
    errors = ulps(computed(name, x, fused=fused), exact)
    assert errors.max() < 2, f"{errors.max()} at {x[errors.argmax()]}"


@pytest.mark.parametrize("name", REFERENCES)
def test_vectors_are_like_numbers(name: str):
    x = np.concatenate([np.linspace(-200, 200, 4000, dtype=np.float32), sample(8, seed=1)])
    x = x[: len(x) // 8 * 8]
    np.testing.assert_array_equal(computed(f"{name}_of_vectors", x), computed(name, x))


SPECIAL = np.array([np.nan, -np.nan, np.inf, -np.inf, 0.0, -0.0], np.float32)


@pytest.mark.parametrize("fused", [True, False])
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("exp", [np.nan, np.nan, np.inf, 0.0, 1.0, 1.0]),
        ("exp2", [np.nan, np.nan, np.inf, 0.0, 1.0, 1.0]),
        ("tanh", [np.nan, np.nan, 1.0, -1.0, 0.0, -0.0]),
        ("erf", [np.nan, np.nan, 1.0, -1.0, 0.0, -0.0]),
    ],
)
def test_special_values(name: str, expected: list[float], fused: bool):
    results = computed(name, SPECIAL, fused=fused)
    np.testing.assert_array_equal(results, expected)
    np.testing.assert_array_equal(np.signbit(results[2:]), np.signbit(expected[2:]))


def test_payloads_of_nan_stay_nan():
    bits = np.array([0x7F800001, 0x7FC00001, 0x7FFFFFFF, 0xFF800001, 0xFFC12345, 0xFFFFFFFF], np.uint32)
    for name in REFERENCES:
        assert np.isnan(computed(name, bits.view(np.float32))).all(), name


def test_exp_overflows_where_float32_does():
    largest = np.float32(88.72283)
    x = np.array([largest, np.nextafter(largest, np.float32(np.inf))], np.float32)
    finite, infinite = computed("exp", x)
    assert np.isfinite(finite)
    assert np.isposinf(infinite)
