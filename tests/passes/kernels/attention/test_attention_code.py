"""What the code of an attention looks like: for stock MLIR, and in the words of three machines."""

from __future__ import annotations

import re
from functools import cache

import pytest

from attention_kernels import attention_module
from disassembly import disassembled
from mlir_tools import mlir_opt
from rlxc.dialects.rlx.attributes import MaskKind, RopeStyle
from rlxc.native.codegen import Target, compile_object
from rlxc.native.toolchain import DefaultToolchain
from rlxc.passes.kernels.attention import AttentionSpec, attention_functions
from rlxc.passes.kernels.target import TARGETS

PLAIN = AttentionSpec(32, 8, 64, 0.125, mask=MaskKind.CAUSAL)

EVERYTHING = AttentionSpec(
    6,
    2,
    20,
    0.125,
    softcap=30.0,
    mask=MaskKind.SLIDING,
    window=7,
    n_rot=10,
    rope_style=RopeStyle.INTERLEAVED,
    padding=True,
    bias_heads=6,
    k_gain=True,
)

MACHINES = {
    "avx2": Target("x86_64-unknown-linux-gnu", "x86-64-v3"),
    "avx512": Target("x86_64-unknown-linux-gnu", "skylake-avx512"),
    "neon": Target("aarch64-unknown-linux-gnu", "neoverse-n1"),
}


@cache
def code(target: str) -> dict[str, str]:
    """The functions of a plain attention, disassembled, for a machine of that kind."""
    toolchain = DefaultToolchain()
    entries = [function.sym_name.data for function in attention_functions(PLAIN, TARGETS[target])]
    ir = toolchain.lower(str(attention_module([PLAIN], TARGETS[target])))
    return disassembled(compile_object(ir, MACHINES[target], exported=entries))


@pytest.mark.parametrize("target", TARGETS)
def test_stock_mlir_accepts_it(target: str) -> None:
    mlir_opt(str(attention_module([PLAIN, EVERYTHING], TARGETS[target])))


@pytest.mark.parametrize(
    ("target", "multiply_add"),
    [("avx2", r"vfmadd\S+\t.*%ymm"), ("avx512", r"vfmadd\S+\t.*%zmm"), ("neon", r"fmla\tv\d+\.4s")],
)
@pytest.mark.parametrize("product", ["scores", "values_packed"])
def test_products_have_one_instruction_for_each_vector_of_sums(target: str, multiply_add: str, product: str) -> None:
    (body,) = (body for name, body in code(target).items() if name.startswith(f"rlxc_attention_{product}_"))
    assert len(re.findall(multiply_add, body)) >= TARGETS[target].tile_rows * TARGETS[target].panel_vectors


@pytest.mark.parametrize(("target", "spilled"), [("avx2", r"ymm\d+, .*\(%rsp\)"), ("avx512", r"zmm\d+, .*\(%rsp\)")])
def test_sums_stay_in_registers(target: str, spilled: str) -> None:
    products = {name: body for name, body in code(target).items() if re.search("_(scores|values|dots)_", name)}
    assert len(products) == 4
    assert not [name for name, body in products.items() if re.search(spilled, body)]


@pytest.mark.parametrize(("target", "prefetch"), [("avx2", "prefetcht1"), ("neon", "pldl2keep")])
def test_later_keys_are_prefetched_for_few_queries(target: str, prefetch: str) -> None:
    (body,) = (body for name, body in code(target).items() if name.startswith("rlxc_attention_dots_"))
    assert prefetch in body


def test_functions_of_two_attentions_have_equal_names_only_if_they_are_equal() -> None:
    specs = [PLAIN, EVERYTHING, AttentionSpec(8, 8, 64, 0.3), AttentionSpec(32, 4, 64, 0.125, bias_heads=1)]
    functions = [function for spec in specs for function in attention_functions(spec, TARGETS["avx2"])]
    texts = {(function.sym_name.data, str(function)) for function in functions}
    assert len(texts) == len({name for name, _ in texts}) < len(functions)
