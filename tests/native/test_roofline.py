"""The probe of the machine does all the work that its rates count."""

from __future__ import annotations

import ctypes
from functools import cache

import numpy as np
import pytest

from rlxc.native.codegen import compile_object
from rlxc.native.huge_pages import zeros
from rlxc.native.library import Library
from rlxc.native.roofline import Roofline, roofline
from rlxc.native.roofline.code import CHAINS, STEP, STREAMS, WIDTHS, multiply_add_code, read_code


@cache
def library() -> Library:
    """All loops of the probe."""
    code = "".join([*map(multiply_add_code, WIDTHS), *map(read_code, STREAMS)])
    names = [*(f"fma_{width}" for width in WIDTHS), *(f"read_{streams}" for streams in STREAMS)]
    return Library([compile_object(code, exported=names)], names)


@pytest.mark.parametrize("width", WIDTHS)
def test_multiply_adds(width: int) -> None:
    """Chain `k` starts at `k`, and halves its distance to 0.5 each time."""
    multiply_add = library().function(f"fma_{width}", ctypes.c_float, ctypes.c_int64)
    for repeats in (1, 2, 30):
        expected = sum((k - 0.5) / 2**repeats + 0.5 for k in range(CHAINS))
        assert multiply_add(repeats) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("streams", STREAMS)
def test_reads_every_element_once(streams: int) -> None:
    """Each lane sums every eighth element."""
    read = library().function(f"read_{streams}", ctypes.c_float, ctypes.c_void_p, ctypes.c_int64)
    elements = 3 * STEP * streams
    part = zeros((elements,), np.dtype(np.float32), "a test")
    part[:] = np.arange(elements)
    assert read(part.ctypes.data, elements // streams) == part[::8].sum()


def test_the_slower_limit_counts() -> None:
    limits = Roofline(flops_per_second=100.0, bytes_per_second=10.0)
    assert limits.seconds(200, 10) == 2
    assert limits.seconds(200, 50) == 5


def test_is_measured_once() -> None:
    limits = roofline(1)
    assert limits is roofline(1)
    # A core of the last decades multiplies and adds more than once, and less than a hundred times, a cycle.
    assert 1e9 < limits.flops_per_second < 1e12
    assert 1e8 < limits.bytes_per_second < 1e12
