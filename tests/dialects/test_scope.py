"""Scopes of calls: which weights a called function has, and what the reference computes with them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp
from xdsl.utils.exceptions import VerifyException

from rlxc.diagnostics import parse_module
from rlxc.dialects.rlx import ParamOp
from rlxc.dialects.rlx.reference import evaluate
from rlxc.dialects.rlx.scope import scoped_params
from rlxc.inspect.calls import without_calls
from rlxc.inspect.registry import make_context

TEXT = """
func.func @model(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %a = func.call @layer(%x) {rlx.scope = "layers.0."} : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %b = func.call @layer(%a) {rlx.scope = "layers.1."} : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  func.return %b : tensor<?x?x4xf32>
}
func.func private @layer(%h: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = rlx.param "w" transposed : tensor<4x4xf32>
  %y = rlx.matmul %h, %w : tensor<?x?x4xf32>, tensor<4x4xf32>
  %z = func.call @norm(%y) {rlx.scope = "norm."} : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  func.return %z : tensor<?x?x4xf32>
}
func.func private @norm(%h: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %gamma = rlx.param "gamma" : tensor<4xf32>
  %y = rlx.rms_norm %h gamma(%gamma) {eps = 1.0e-5 : f64} : tensor<?x?x4xf32>
  func.return %y : tensor<?x?x4xf32>
}
"""

KEYS = ["layers.0.w", "layers.0.norm.gamma", "layers.1.w", "layers.1.norm.gamma"]


def program(text: str = TEXT) -> ModuleOp:
    return parse_module(make_context(), text)


def test_weights_come_in_the_order_of_calls() -> None:
    assert [scope + op.key_names[0] for op, scope in scoped_params(program())] == KEYS


def test_the_reference_takes_the_weights_of_each_call() -> None:
    rng = np.random.default_rng(3)
    weights = {key: rng.standard_normal(4 if key.endswith("gamma") else (4, 4)) for key in KEYS}

    def value(op: ParamOp) -> NDArray[Any]:
        stored = weights[op.key_names[0]]
        return stored.T if op.transposed else stored

    x = rng.standard_normal((2, 3, 4))
    (called,) = evaluate(program(), [x], params=value)
    (inlined,) = evaluate(without_calls(program()), [x], params=value)
    expected = x
    for w, gamma in ((weights[KEYS[0]], weights[KEYS[1]]), (weights[KEYS[2]], weights[KEYS[3]])):
        y = expected @ w.T
        expected = y / np.sqrt(np.mean(y**2, axis=-1, keepdims=True) + 1e-5) * gamma
    np.testing.assert_allclose(called, expected, rtol=1e-12)
    np.testing.assert_array_equal(called, inlined)


def test_a_function_that_calls_itself_has_no_end() -> None:
    text = "func.func @f() {\n  func.call @g() : () -> ()\n  return\n}\n"
    text += "func.func private @g() {\n  func.call @g() : () -> ()\n  return\n}"
    with pytest.raises(VerifyException, match="@g calls itself"):
        list(scoped_params(program(text)))
