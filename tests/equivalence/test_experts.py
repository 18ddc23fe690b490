"""What random numbers hardly show of experts: equal logits, and experts that nobody chose."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest

import rlxc
from rlxc.diagnostics import parse_module
from rlxc.inspect.registry import make_context

Target = Literal["reference", "numpy", "native"]

ROUTE = """func.func @route(%logits: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %gates = rlx.route %logits renormalize {top_k = 2} : tensor<?x?x4xf32>
  func.return %gates : tensor<?x?x4xf32>
}"""

MOE = """func.func @moe(%x: tensor<?x?x1xf32>, %gates: tensor<?x?x2xf32>, %w: tensor<1x4xf32>, %d: tensor<1x2xf32>)
    -> tensor<?x?x1xf32> {
  %y = rlx.moe %x, %gates, %w, %d activation(relu)
    : tensor<?x?x1xf32>, tensor<?x?x2xf32>, tensor<1x4xf32>, tensor<1x2xf32>
  func.return %y : tensor<?x?x1xf32>
}"""

TARGETS = pytest.mark.parametrize("target", ["reference", "numpy", "native"])


def compiled(text: str, target: Target) -> rlxc.CompiledFunction:
    return rlxc.compile(parse_module(make_context(), text, "experts.mlir"), target)


@TARGETS
def test_of_equal_logits_the_first_are_chosen(target: Target) -> None:
    logits = np.array([[[1, 1, 1, 1], [0, 3, 3, 3], [2, 0, 2, 5]]], np.float32)
    gates = compiled(ROUTE, target)(logits)
    share = 1 / (1 + np.exp(np.float32(-3)))
    expected = [[[0.5, 0.5, 0, 0], [0, 0.5, 0.5, 0], [1 - share, 0, 0, share]]]
    np.testing.assert_allclose(gates, expected, rtol=1e-6)


@TARGETS
@pytest.mark.parametrize("weight", [np.inf, np.nan])
def test_what_experts_compute_that_nobody_chose_does_not_matter(target: Target, weight: float) -> None:
    x, gates = np.ones((1, 1, 1), np.float32), np.array([[[0.25, 0]]], np.float32)
    gate_up, down = np.array([[2, 3, weight, 1]], np.float32), np.array([[4, 5]], np.float32)
    result = compiled(MOE, target)(x, gates, gate_up, down)
    np.testing.assert_array_equal(result, [[[6]]])
