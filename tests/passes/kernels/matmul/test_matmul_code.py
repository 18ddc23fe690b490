"""What the code of a projection looks like: for stock MLIR, and in the words of three machines."""

from __future__ import annotations

import re
from functools import cache

import pytest
from xdsl.dialects.builtin import UnitAttr

from disassembly import disassembled
from mlir_tools import mlir_opt
from projection_kernels import projection_module
from rlxc.dialects.rlx import Activation
from rlxc.native.codegen import Target
from rlxc.native.toolchain import DefaultToolchain
from rlxc.passes.kernels.matmul import MatmulSpec, matmul_functions
from rlxc.passes.kernels.target import TARGETS

GATED = MatmulSpec(600, 100, Activation.SILU, gated=True, residual=True)

MACHINES = {
    "avx2": Target("x86_64-unknown-linux-gnu", "x86-64-v3"),
    "avx512": Target("x86_64-unknown-linux-gnu", "skylake-avx512"),
    "neon": Target("aarch64-unknown-linux-gnu", "neoverse-n1"),
}


@cache
def code(target: str) -> dict[str, str]:
    """The functions of a projection, disassembled, for a machine of that kind."""
    module = projection_module([GATED], TARGETS[target])
    for function in module.ops:
        function.attributes["llvm.emit_c_interface"] = UnitAttr()
    toolchain = DefaultToolchain()
    return disassembled(toolchain.compile_object(toolchain.lower(str(module)), MACHINES[target]))


def tile_kernel(target: str) -> str:
    """The code of the micro-kernel for whole tiles."""
    sizes = TARGETS[target]
    return code(target)[f"rlxc_matmul_tile_{sizes.tile_rows}x{sizes.panel_width}"]


@pytest.mark.parametrize("target", TARGETS)
def test_stock_mlir_accepts_it(target: str) -> None:
    mlir_opt(str(projection_module([GATED], TARGETS[target])))


@pytest.mark.parametrize(
    ("target", "multiply_add"),
    [("avx2", r"vfmadd\S+\t.*%ymm"), ("avx512", r"vfmadd\S+\t.*%zmm"), ("neon", r"fmla\tv\d+\.4s")],
)
def test_micro_kernel_has_one_instruction_for_each_vector_of_sums(target: str, multiply_add: str) -> None:
    found = re.findall(multiply_add, tile_kernel(target))
    assert len(found) == TARGETS[target].tile_rows * TARGETS[target].panel_vectors


@pytest.mark.parametrize(("target", "spilled"), [("avx2", r"ymm\d+, .*\(%rsp\)"), ("avx512", r"zmm\d+, .*\(%rsp\)")])
def test_sums_stay_in_registers(target: str, spilled: str) -> None:
    kernels = {name: body for name, body in code(target).items() if re.match("rlxc_matmul_(tile|stream).*x", name)}
    assert len(kernels) >= 5
    assert not [name for name, body in kernels.items() if re.search(spilled, body)]


@pytest.mark.parametrize(("target", "prefetch"), [("avx2", "prefetcht1"), ("neon", "pldl2keep")])
def test_next_panel_is_prefetched(target: str, prefetch: str) -> None:
    assert prefetch in tile_kernel(target)


def test_functions_of_two_projections_have_equal_names_only_if_they_are_equal() -> None:
    target = TARGETS["avx2"]
    specs = [GATED, MatmulSpec(64, 100), MatmulSpec(64, 200, bias=True), MatmulSpec(7, 9, gated=True)]
    functions = [function for spec in specs for function in matmul_functions(spec, target)]
    texts = {(function.sym_name.data, str(function)) for function in functions}
    assert len(texts) == len({name for name, _ in texts}) < len(functions)


def test_entries_of_different_projections_have_different_names() -> None:
    specs = [MatmulSpec(8, 9), MatmulSpec(9, 8), MatmulSpec(8, 9, bias=True), MatmulSpec(8, 9, residual=True)]
    specs += [MatmulSpec(8, 9, gated=True)] + [MatmulSpec(8, 9, activation) for activation in Activation]
    names = {matmul_functions(spec, TARGETS["avx2"])[0].sym_name.data for spec in specs}
    assert len(names) == len(specs)
