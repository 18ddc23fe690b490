"""Costs: counted in closed form, so that they take no time."""

from __future__ import annotations

import pytest

from rlxc.inspect.cost import visible_pairs


@pytest.mark.parametrize("window", [None, 1, 3, 100])
@pytest.mark.parametrize(("q_len", "kv_len"), [(0, 0), (1, 1), (5, 5), (1, 9), (4, 9), (9, 4)])
def test_visible_pairs(q_len: int, kv_len: int, window: int | None) -> None:
    offset = kv_len - q_len
    pairs = [
        (query, key)
        for query in range(q_len)
        for key in range(kv_len)
        if key <= query + offset and (window is None or key > query + offset - window)
    ]
    assert visible_pairs(q_len, kv_len, window, causal=True) == len(pairs)


def test_a_long_sequence_takes_no_time() -> None:
    assert visible_pairs(10**9, 10**9, None, causal=True) == 10**9 * (10**9 + 1) // 2
