"""A large module is compiled in two parts, and does the same as in one."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from xdsl.dialects.builtin import ModuleOp

import rlxc
from mlir_tools import mlir_opt
from rlxc import ModelFlow
from rlxc.diagnostics import parse_module
from rlxc.flow import BuiltModel
from rlxc.inspect.ir_text import module_text
from rlxc.inspect.registry import make_context
from rlxc.native import module_parts
from rlxc.native.module_parts import printed_parts
from rlxc.native.object_cache import VARIABLE
from rlxc.runtime.levels import lower_to
from rlxc.stages import Linear, ResidualAdd, ResidualSave, RopeTables, SelfAttnPrefill, SelfAttnPrefillSpec

HIDDEN = 64

DEFINED = re.compile(r"func\.func (?:private )?@(\w+)\(.*\{$", re.MULTILINE)
DECLARED = re.compile(r"func\.func private @(\w+)\(.*[^{]$", re.MULTILINE)


@cache
def layer() -> BuiltModel:
    """An attention and its projections."""
    rng = np.random.default_rng(0)
    weights = {name: rng.standard_normal((HIDDEN, HIDDEN)).astype(np.float32) / 8 for name in "qkvo"}
    flow = ModelFlow("layer").input("x", ("B", "S", HIDDEN)).stage(RopeTables(theta=1e4, n_rot=32, max_positions=300))
    attention = SelfAttnPrefill(SelfAttnPrefillSpec("q", "k", "v", 2, 32, num_kv_heads=2))
    return flow.stages([ResidualSave(), attention, Linear("o"), ResidualAdd()]).build(weights)


def lowered() -> ModuleOp:
    return lower_to(layer().module, "kernels", kernels="avx2")


def test_kernels_that_call_each_other_stay_together() -> None:
    text, (first, second) = printed_parts(lowered(), "; more")
    assert text + "\n" == module_text(lowered())
    assert (first.llvm_ir, second.llvm_ir, first.exported) == ("; more", "", ())
    here, there = (set(DEFINED.findall(part.text)) for part in (first, second))
    assert here & there == {"rlxc_barrier"}
    assert here | there == set(DEFINED.findall(text))
    assert {"layer", "layer_prepare"} < here
    assert {name.split("_")[1] for name in there} == {"attention", "barrier"}
    assert set(DECLARED.findall(first.text)) == {*second.exported, "sched_yield"}
    assert DECLARED.findall(second.text) == ["sched_yield"]
    assert min(part.text.count("\n") for part in (first, second)) >= module_parts.LEAST_LINES


def test_parts_are_modules() -> None:
    for part in printed_parts(lowered(), "")[1]:
        assert module_text(parse_module(make_context(), part.text)).count("\n") == part.text.count("\n") + 1
        mlir_opt(part.text)


def test_small_module_is_one_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module_parts, "LEAST_LINES", 20000)
    text, (part,) = printed_parts(lowered(), "; more")
    assert (part.text, part.llvm_ir, part.exported) == (text, "; more", ())


def test_program_with_the_name_of_a_kernel() -> None:
    """Its functions stay together, too."""
    text = module_text(lowered()).replace("@layer(", "@rlxc_layer(").replace("@layer_prepare(", "@rlxc_layer_prepare(")
    first, second = printed_parts(parse_module(make_context(), text), "")[1]
    assert {"rlxc_layer", "rlxc_layer_prepare"} < set(DEFINED.findall(first.text))
    assert {name.split("_")[1] for name in DEFINED.findall(second.text)} == {"attention", "barrier"}
    assert min(mlir_opt(part.text).count("func.func") for part in (first, second)) > 1


def test_same_parts_each_time() -> None:
    """Whatever the order of sets."""
    script = f"""
import sys
sys.path[:0] = {[str(Path(__file__).parent), str(Path(__file__).parents[1] / "support")]!r}
from test_module_parts import lowered, printed_parts
print([part.text for part in printed_parts(lowered(), "")[1]])
"""
    texts = {
        subprocess.run(
            [sys.executable, "-c", script], env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(texts) == 1


def test_program_without_kernels_is_one_part() -> None:
    module = lower_to(layer().module, "affine")
    (part,) = printed_parts(module, "")[1]
    assert part.text + "\n" == module_text(module)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_same_numbers(threads: int, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    x = np.random.default_rng(1).standard_normal((2, 133, HIDDEN)).astype(np.float32)
    results: list[Any] = []
    for least in (module_parts.LEAST_LINES, 20000):
        monkeypatch.setenv(VARIABLE, str(tmp_path_factory.mktemp("cache")))
        monkeypatch.setattr(module_parts, "LEAST_LINES", least)
        results.append(rlxc.compile(layer(), "native", threads=threads)(x))
    np.testing.assert_array_equal(results[0], results[1])
