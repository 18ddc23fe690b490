"""Lowering a program level by level."""

from __future__ import annotations

from typing import Any

import pytest
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from rlxc import RlxcError, lower_to
from rlxc.diagnostics import parse_module
from rlxc.inspect.registry import make_context

PROGRAM = """\
func.func @f(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %wk = rlx.param "k" transposed : tensor<64x32xf32>
  %k = rlx.matmul %x, %wk : tensor<?x?x64xf32>, tensor<64x32xf32>
  %kk = rlx.repeat_kv %k {head_dim = 16, group = 2} : tensor<?x?x32xf32> -> tensor<?x?x64xf32>
  %o = rlx.attention %x, %kk, %kk mask(causal) {num_heads = 4, num_kv_heads = 4, head_dim = 16}
     : tensor<?x?x64xf32>, tensor<?x?x64xf32>
  func.return %o : tensor<?x?x64xf32>
}
"""


@pytest.fixture
def module() -> ModuleOp:
    return parse_module(make_context(), PROGRAM, "layer.mlir")


def dialects(module: ModuleOp) -> set[str]:
    return {op.dialect_name() for op in module.walk()} - {"builtin", "func", "arith", "math"}


def test_levels(module: ModuleOp) -> None:
    before = str(module)
    assert str(lower_to(module, "rlx")) == before
    fused = lower_to(module, "fused")
    assert "num_kv_heads = 2" in str(fused)
    assert dialects(fused) == {"rlx"}
    linalg = lower_to(module, "linalg")
    assert {"linalg", "tensor"} <= dialects(linalg)
    assert "rlx" not in dialects(linalg)
    assert str(module) == before


def test_affine(module: ModuleOp) -> None:
    affine = dialects(lower_to(module, "affine"))
    assert "affine" in affine
    assert not {"rlx", "linalg", "tensor"} & affine


def test_pipelines(module: ModuleOp) -> None:
    assert str(lower_to(module, "fused", None)) == str(module)
    assert str(lower_to(module, "fused", "rlx-eliminate-repeat-kv")) == str(lower_to(module, "fused"))
    unfused, fused = (str(lower_to(module, "linalg", pipeline)) for pipeline in (None, "fuse"))
    assert unfused != fused


def test_from_level_to_level(module: ModuleOp) -> None:
    assert str(lower_to(lower_to(module, "fused"), "linalg", None)) == str(lower_to(module, "linalg"))


def test_observers_see_each_pass(module: ModuleOp) -> None:
    seen: list[tuple[str, bool]] = []

    def observe(done: ModulePass | None, module: ModuleOp, todo: ModulePass | None) -> None:
        seen.append((done.name if done else "input", "num_kv_heads = 2" in str(module)))

    lower_to(module, "fused", "cse,rlx-eliminate-repeat-kv", [observe])
    assert seen == [("input", False), ("cse", False), ("rlx-eliminate-repeat-kv", True)]


WRONG: dict[str, tuple[Any, Any, str]] = {
    "level": ("linlag", "fuse", r"unknown level 'linlag' \(did you mean 'linalg'\?\)"),
    "pass": ("fused", "rlx-fuse-rope", "unknown pass 'rlx-fuse-rope'"),
    "a pass that fails": (
        "fused",
        "convert-rlx-to-linalg",
        "pass 'convert-rlx-to-linalg' failed: rlx.param is made at load time: run rlx-params-to-args before this pass",
    ),
    "an option out of range": (
        "fused",
        "rlx-params-to-args,convert-rlx-to-linalg{scores-limit=0}",
        "pass 'convert-rlx-to-linalg' failed: scores-limit must be at least 1, got 0",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong(module: ModuleOp, case: str) -> None:
    level, pipeline, problem = WRONG[case]
    before = str(module)
    with pytest.raises(RlxcError, match=problem):
        lower_to(module, level, pipeline)
    assert str(module) == before
