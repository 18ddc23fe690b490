"""Equal functions are found without comparing each with each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from xdsl.context import Context
from xdsl.dialects.func import FuncOp

from rlxc.diagnostics import parse_module
from rlxc.inspect.registry import make_context
from rlxc.passes.fusion import share_functions
from rlxc.passes.fusion.share_functions import ShareFunctionsPass
from rlxc.passes.fusion.support.outlines import Outline

LAYERS = 30


def test_each_function_is_looked_at_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[FuncOp] = []
    outline: Callable[[FuncOp], Any] = Outline.of

    class Noted:
        @staticmethod
        def of(function: FuncOp) -> Outline:
            looked_at.append(function)
            return outline(function)

    monkeypatch.setattr(share_functions, "Outline", Noted)
    calls = "\n".join(f"  func.call @layer_{number}() : () -> ()" for number in range(LAYERS))
    layers = "\n".join(
        f'func.func private @layer_{number}() {{\n  %w = rlx.param "layers.{number}.w" : tensor<4xf32>\n  return\n}}'
        for number in range(LAYERS)
    )
    module = parse_module(make_context(), f"func.func @model() {{\n{calls}\n  return\n}}\n{layers}")
    ShareFunctionsPass().apply(Context(), module)
    assert len([op for op in module.ops if isinstance(op, FuncOp)]) == 2
    assert len(looked_at) == LAYERS + 1
