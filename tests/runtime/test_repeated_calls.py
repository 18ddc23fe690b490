"""Calls with the same number of threads agree bit for bit, whoever makes them, and whatever was in memory before."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import rlxc

EXAMPLES = Path(__file__).parents[2] / "examples"

CALLS, CALLERS = 1000, 4


@pytest.mark.usefixtures("used_memory")
@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("length", [2, 9])
def test_thousand_calls_from_four_threads(length: int, threads: int) -> None:
    function = rlxc.compile(EXAMPLES / "qk_norm.mlir", "native", "random:0", threads=threads)
    x = np.random.default_rng(0).standard_normal((1, length, 512), np.float32)
    first = function(x)
    assert not isinstance(first, tuple)
    assert np.isfinite(first).all()
    with ThreadPoolExecutor(CALLERS) as callers:
        calls = [callers.submit(function, x) for _ in range(CALLS)]
    assert all(np.array_equal(call.result(), first) for call in calls)
