"""Every program of the FileCheck tests computes the same before and after the pass that it tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from xdsl.dialects import scf
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp
from xdsl.dialects.linalg.ops import GenericOp
from xdsl.ir import Operation

FILES = Path(__file__).parents[2] / "filecheck" / "passes"
PASSES = (
    "rlx-raise-repeat-kv",
    "rlx-eliminate-repeat-kv",
    "rlx-fuse-rope-into-attention",
    "rlx-dedup-k-eq-v",
    "rlx-merge-projections",
    "rlx-fuse-glu",
    "rlx-fuse-epilogue",
    "rlx-fuse-add-rms-norm",
    "rlx-unfuse",
)
WITHOUT_REFERENCE = (GenericOp, scf.IfOp)
"""Operations that the reference does not evaluate."""

SIZES = {"h": 16, "d": 16, "g": 2, "pos": 3}
"""Values of index arguments: where a slice starts, how wide it is, a group, and a position."""


@pytest.mark.parametrize("name", PASSES)
def test_fusion_keeps_numbers(
    name: str,
    parse: Callable[[str], ModuleOp],
    after: Callable[[ModuleOp, str], ModuleOp],
    error: Callable[[ModuleOp, ModuleOp, str, Mapping[str, int]], float],
) -> None:
    before = parse((FILES / "fusion" / f"{name}.mlir").read_text())
    fused = after(before, name)
    functions = list(evaluable_functions(before))
    assert len(functions) > 5
    assert {f: error(before, fused, f, SIZES) for f in functions if error(before, fused, f, SIZES) > 1e-12} == {}


def test_pipeline_keeps_numbers(
    parse: Callable[[str], ModuleOp],
    after: Callable[[ModuleOp, str], ModuleOp],
    error: Callable[[ModuleOp, ModuleOp, str, Mapping[str, int]], float],
) -> None:
    before = parse((FILES / "fuse.mlir").read_text())
    fused = after(before, "fuse")
    unfused = after(fused, "rlx-unfuse")
    for function in evaluable_functions(before):
        assert error(before, fused, function, SIZES) < 1e-12
        assert error(before, unfused, function, SIZES) < 1e-12


def evaluable_functions(module: ModuleOp) -> Iterator[str]:
    for op in module.body.block.ops:
        if isinstance(op, FuncOp) and not op.is_declaration and all(map(has_reference, op.walk())):
            yield op.sym_name.data


def has_reference(op: Operation) -> bool:
    return not isinstance(op, WITHOUT_REFERENCE)
