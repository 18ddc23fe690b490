"""Kernels for NEON, and the loops around them, compute what they should: in an emulator of AArch64."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest

import rlxc
from aarch64_emulator import EmulatedToolchain
from attention_kernels import CompiledAttentions, Operands, Sizes, assert_close, run
from moe_kernels import Mixture, compiled_mixtures
from operations import OPERATIONS, VOCABULARY
from projection_kernels import Projection, compiled_projections
from rlxc.diagnostics import parse_module
from rlxc.dialects.rlx import Activation
from rlxc.dialects.rlx.attributes import MaskKind, RopeStyle
from rlxc.inspect.registry import make_context
from rlxc.native.compiled import compile_module
from rlxc.passes.kernels.attention import AttentionSpec
from rlxc.passes.kernels.experts import MoeSpec
from rlxc.passes.kernels.matmul import MatmulSpec
from rlxc.passes.kernels.target import TARGETS
from rlxc.runtime.levels import lower_to

NEON = TARGETS["neon"]

ACCURACY = 2e-6

PROJECTIONS = (
    MatmulSpec(64, 48),
    MatmulSpec(301, 121, residual=True),
    MatmulSpec(517, 50, Activation.SILU, gated=True, residual=True),
    MatmulSpec(37, 5, Activation.GELU_TANH, bias=True, residual=True),
    MatmulSpec(3, 50, Activation.RELU, bias=True),
    MatmulSpec(1, 1, Activation.GELU),
)

ROWS = (0, 1, 2, 3, 4, 5, 7, 8, 31, 130)

MIXTURES = (
    MoeSpec(131, 50, experts=5, top_k=2, activation=Activation.SILU),
    MoeSpec(24, 7, experts=2, top_k=2, activation=Activation.GELU),
)

ATTENTIONS = {
    "causal, rope": AttentionSpec(8, 2, 64, 0.125, mask=MaskKind.CAUSAL, n_rot=32),
    "group of 3, interleaved rope, softcap, window": AttentionSpec(
        3, 1, 24, 0.3, softcap=2.0, mask=MaskKind.SLIDING, window=9, n_rot=10, rope_style=RopeStyle.INTERLEAVED
    ),
    "shared values, gain, padding, bias": AttentionSpec(
        4, 4, 20, -0.4, shared_kv=True, padding=True, bias_heads=4, k_gain=True
    ),
}

SIZES = {
    "one token": Sizes(1, 1, 1, 1, 0),
    "short": Sizes(2, 7, 7, 7, 0),
    "prefill": Sizes(1, 130, 130, 130, 0),
    "later queries, few valid keys": Sizes(2, 33, 150, 130, 97),
    "decoding": Sizes(2, 1, 300, 201, 200),
    "no key": Sizes(1, 7, 40, 0, 5),
}


@pytest.fixture(scope="module")
def projections() -> list[Projection]:
    return compiled_projections(PROJECTIONS, NEON, EmulatedToolchain())


@pytest.fixture(scope="module")
def mixtures() -> list[Mixture]:
    return compiled_mixtures(MIXTURES, NEON, EmulatedToolchain())


@pytest.fixture(scope="module")
def attentions() -> CompiledAttentions:
    return CompiledAttentions(list(ATTENTIONS.values()), NEON, toolchain=EmulatedToolchain())


@pytest.mark.parametrize("index", range(len(PROJECTIONS)), ids=[spec.epilogue for spec in PROJECTIONS])
def test_projections(projections: list[Projection], index: int) -> None:
    assert max(projections[index].error(rows) for rows in ROWS) < ACCURACY


@pytest.mark.parametrize("index", range(len(MIXTURES)), ids=[spec.name for spec in MIXTURES])
def test_mixtures(mixtures: list[Mixture], index: int) -> None:
    mixture = mixtures[index]
    assert max(mixture.error(mixture.gates(rows)) for rows in (0, 1, 2, 5, 31)) < ACCURACY


@pytest.mark.parametrize("spec", ATTENTIONS.values(), ids=list(ATTENTIONS))
def test_attentions(attentions: CompiledAttentions, spec: AttentionSpec) -> None:
    for name, sizes in SIZES.items():
        operands = Operands(spec, sizes, seed=3)
        assert_close(run(attentions, spec, operands, threads=1), operands.expected(), name)


@pytest.mark.parametrize(
    "name",
    ["matmul_all", "rms_norm_heads", "layer_norm_beta", "glu_silu", "glu_gelu", "softcap", "rope_pairs_part", "embed"],
)
def test_programs(name: str) -> None:
    operation, toolchain, kind = OPERATIONS[name], EmulatedToolchain(), {"f": np.float32, "i": np.int64}
    module = parse_module(make_context(), operation.text({}).replace("{E}", "f32"))
    function = compile_module(lower_to(module, "kernels", kernels=NEON.name), toolchain).load(toolchain)
    reference = rlxc.compile(module, "reference", dtype=np.float64)
    for batch, length in ((2, 5), (1, 1), (3, 0)):
        given = operation.values({"B": batch, "S": length, "V": VOCABULARY})
        values = [x.astype(kind[x.dtype.kind]) for x in given if isinstance(x, np.ndarray)]
        (found,), expected = function(values, []), reference(*values)
        assert found.shape == np.shape(expected)
        assert np.max(np.abs(found - expected), initial=0) <= ACCURACY * np.max(np.abs(expected), initial=0)


UNHEARD_OF = """
declare i64 @unheard_of(i64)
define i64 @_mlir_ciface_ask(i64 %x) {
  %y = call i64 @unheard_of(i64 %x)
  ret i64 %y
}
"""


def test_the_emulator_does_not_pass_over_what_it_lacks() -> None:
    toolchain = EmulatedToolchain()
    library = toolchain.load_library([toolchain.compile_object(UNHEARD_OF)], ())
    with pytest.raises(KeyError, match="unheard_of"):
        library.function("_mlir_ciface_ask", ctypes.c_int64, ctypes.c_int64)(1)
