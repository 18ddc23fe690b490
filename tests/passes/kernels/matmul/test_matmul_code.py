"""What the code of a projection looks like: for stock MLIR, and in the words of three machines."""

from __future__ import annotations

import re
from functools import cache

import pytest

from mlir_tools import mlir_opt
from projection_kernels import projection_module
from rlxc.dialects.rlx import Activation
from rlxc.native.codegen import Target, optimize, parse, target_machine
from rlxc.native.extras import llvmlite_binding
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
def assembly(target: str) -> str:
    """The assembly of a projection for a machine of that kind."""
    llvm = llvmlite_binding()
    module = parse(llvm, DefaultToolchain().lower(str(projection_module([GATED], TARGETS[target]))))
    machine = target_machine(llvm, MACHINES[target], 1)
    module.triple, module.data_layout = machine.triple, str(machine.target_data)
    optimize(llvm, module, machine, 1)
    return machine.emit_assembly(module)


def function_body(target: str, name: str) -> str:
    """The instructions of one function."""
    return assembly(target).partition(f"\n{name}:")[2].partition("\t.size\t" + name)[0]


@pytest.mark.parametrize("target", TARGETS)
def test_stock_mlir_accepts_it(target: str) -> None:
    mlir_opt(str(projection_module([GATED], TARGETS[target])))


@pytest.mark.parametrize(
    ("target", "multiply_add"),
    [("avx2", r"vfmadd\S+\t.*%ymm"), ("avx512", r"vfmadd\S+\t.*%zmm"), ("neon", r"fmla\tv\d+\.4s")],
)
def test_micro_kernel_has_one_instruction_for_each_vector_of_sums(target: str, multiply_add: str) -> None:
    sizes = TARGETS[target]
    body = function_body(target, f"rlxc_matmul_tile_{sizes.tile_rows}x{sizes.panel_width}")
    assert len(re.findall(multiply_add, body)) == sizes.tile_rows * sizes.panel_vectors


@pytest.mark.parametrize(("target", "spilled"), [("avx2", r"ymm\d+, .*\(%rsp\)"), ("avx512", r"zmm\d+, .*\(%rsp\)")])
def test_sums_stay_in_registers(target: str, spilled: str) -> None:
    names = re.findall(r"^(rlxc_matmul_(?:tile|stream)_\d\w*x\w*):", assembly(target), re.MULTILINE)
    assert len(names) >= 5
    assert not [name for name in names if re.search(spilled, function_body(target, name))]


@pytest.mark.parametrize(("target", "prefetch"), [("avx2", "prefetcht1"), ("neon", "pldl2keep")])
def test_next_panel_is_prefetched(target: str, prefetch: str) -> None:
    sizes = TARGETS[target]
    assert prefetch in function_body(target, f"rlxc_matmul_tile_{sizes.tile_rows}x{sizes.panel_width}")


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
