"""What the code of a mixture of experts looks like."""

from __future__ import annotations

import pytest

from mlir_tools import mlir_opt
from moe_kernels import moe_module
from rlxc.dialects.rlx import Activation
from rlxc.passes.kernels.experts import MoeSpec, moe_functions
from rlxc.passes.kernels.target import TARGETS

SPEC = MoeSpec(100, 60, experts=8, top_k=2, activation=Activation.SILU)


@pytest.mark.parametrize("target", TARGETS)
def test_stock_mlir_accepts_it(target: str) -> None:
    mlir_opt(str(moe_module([SPEC], TARGETS[target])))


def test_code_does_not_grow_with_the_number_of_experts() -> None:
    many = MoeSpec(100, 60, experts=128, top_k=2, activation=Activation.SILU)
    lengths = [len(str(moe_functions(spec, TARGETS["avx2"])[0])) for spec in (SPEC, many)]
    assert lengths[1] < 1.02 * lengths[0]


def test_functions_of_two_mixtures_have_equal_names_only_if_they_are_equal() -> None:
    target = TARGETS["avx2"]
    specs = [SPEC, MoeSpec(60, 100, 8, 2, Activation.SILU), MoeSpec(100, 60, 8, 3, Activation.SILU)]
    specs += [MoeSpec(100, 60, 7, 2, Activation.SILU), MoeSpec(100, 60, 8, 2, Activation.GELU)]
    functions = [function for spec in specs for function in moe_functions(spec, target)]
    texts = {(function.sym_name.data, str(function)) for function in functions}
    assert len(texts) == len({name for name, _ in texts})
    assert len({moe_functions(spec, target)[0].sym_name.data for spec in specs}) == len(specs)
