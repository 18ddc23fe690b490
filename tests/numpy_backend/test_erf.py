"""The error function that printed modules bring along, since NumPy has none."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from printed_numpy import printed_rlx

SMALL = np.logspace(-30, 0, 2000)
POINTS = np.concatenate([SMALL, -SMALL, np.linspace(-7, 7, 40000), [0.46875, 4.0, 6.0, 30.0, -30.0]])


def erf(x: NDArray[Any]) -> NDArray[Any]:
    """`erf(x)` as a printed module computes it."""
    element = f"f{x.itemsize * 8}"
    code = printed_rlx(f"""
      func.func @f(%x: tensor<?x{element}>) -> tensor<?x{element}> {{
        %y = math.erf %x : tensor<?x{element}>
        func.return %y : tensor<?x{element}>
      }}
    """)
    (result,) = code(x)
    return result


@pytest.mark.parametrize(("dtype", "error"), [(np.float32, 1e-7), (np.float64, 1e-15)])
def test_is_right_relative_to_its_value(dtype: Any, error: float):
    x = POINTS.astype(dtype)
    expected = np.array([math.erf(point) for point in x.tolist()])
    found = erf(x)
    assert found.dtype == dtype
    assert np.max(np.abs(found - expected) / np.abs(expected)) <= error


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_special_values(dtype: Any):
    found = erf(np.array([0.0, -0.0, np.inf, -np.inf, np.nan], dtype))
    assert np.array_equal(found, np.array([0.0, -0.0, 1.0, -1.0, np.nan], dtype), equal_nan=True)
    assert np.signbit(found[1])


def test_is_computed_in_blocks_of_any_array():
    x = np.random.default_rng(0).standard_normal(50_000).astype(np.float32)
    assert np.array_equal(erf(x)[::7], erf(np.ascontiguousarray(x[::7])))
    assert np.array_equal(erf(x[::3]), erf(x)[::3])
