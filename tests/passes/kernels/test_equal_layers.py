"""Equal layers have equal kernels: a module holds each kernel once, however many layers there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp

from rlxc import ModelFlow
from rlxc.passes.kernels import convert_kernel_to_vector
from rlxc.runtime.levels import lower_to
from rlxc.stages import Linear, ResidualAdd, ResidualSave, RmsNorm, RopeTables, SelfAttnPrefill, SelfAttnPrefillSpec

HIDDEN = 64


def lowered(layers: int) -> ModuleOp:
    """Attention layers with weights of their own, at the kernels level."""
    flow = ModelFlow("layers").input("x", ("B", "S", HIDDEN)).stage(RopeTables(theta=1e4, n_rot=32, max_positions=64))
    weights: dict[str, Any] = {}
    for layer in range(layers):
        names = {role: f"{role}{layer}" for role in ("norm", "q", "k", "v", "o")}
        spec = SelfAttnPrefillSpec(names["q"], names["k"], names["v"], 2, 32, num_kv_heads=2)
        flow = flow.stage(ResidualSave()).stage(RmsNorm(names["norm"])).stage(SelfAttnPrefill(spec))
        flow = flow.stage(Linear(names["o"])).stage(ResidualAdd())
        weights |= {names[role]: np.zeros((HIDDEN, HIDDEN), np.float32) for role in "qkvo"}
        weights[names["norm"]] = np.zeros(HIDDEN, np.float32)
    return lower_to(flow.build(weights).module, "kernels", kernels="avx2")


def kernels_of(module: ModuleOp) -> list[str]:
    names = [op.sym_name.data for op in module.ops if isinstance(op, FuncOp)]
    return [name for name in names if name.startswith("rlxc_")]


def test_four_layers_have_the_kernels_of_one() -> None:
    one, four = kernels_of(lowered(1)), kernels_of(lowered(4))
    assert sorted(one) == sorted(four)
    assert len(set(four)) == len(four)


@pytest.mark.parametrize("builder", ["projection_functions", "common_functions", "attention_functions"])
def test_kernels_are_built_once(builder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[Any] = []
    build: Callable[..., Any] = getattr(convert_kernel_to_vector, builder)

    def noted(*spec: Any) -> Any:
        built.append(spec)
        return build(*spec)

    monkeypatch.setattr(convert_kernel_to_vector, builder, noted)
    lowered(4)
    assert built
    assert len(set(built)) == len(built)
