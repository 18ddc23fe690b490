"""Costs: counted in closed form, so that they take no time."""

from __future__ import annotations

import pytest

from rlxc.diagnostics import parse_module
from rlxc.inspect.cost import cost_of, visible_pairs
from rlxc.inspect.registry import make_context


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


MOE = """func.func @moe(
  %x: tensor<1x3x4xf32>, %l: tensor<1x3x8xf32>, %w: tensor<4x80xf32>, %d: tensor<5x32xf32>
) {
  %g = rlx.route %l {top_k = {K}} : tensor<1x3x8xf32>
  %y = rlx.moe %x, %g, %w, %d activation(silu)
    : tensor<1x3x4xf32>, tensor<1x3x8xf32>, tensor<4x80xf32>, tensor<5x32xf32>
  func.return
}"""


def test_only_chosen_experts_count() -> None:
    route, projections, gates, sums = 4 * 3 * 8, 3 * 2 * (3 * 2 * 4 * 5), 3 * 2 * 6 * 5, 3 * 2 * 2 * 4
    cost = cost_of(parse_module(make_context(), MOE.replace("{K}", "2"), "moe.mlir"), {})
    assert cost.flops == route + projections + gates + sums


@pytest.mark.parametrize(("top_k", "experts"), [(2, 6), (3, 8)])
def test_only_weights_of_chosen_experts_are_read(top_k: int, experts: int) -> None:
    cost = cost_of(parse_module(make_context(), MOE.replace("{K}", str(top_k)), "moe.mlir"), {})
    logits, rows, weights = 3 * 8, 3 * 4, experts * 3 * 4 * 5
    assert cost.bytes_moved == 4 * (2 * logits + rows + logits + weights + rows)
