"""Between two barriers no thread touches what another one writes, and no barrier is missing or stands for nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp

from observed_threads import ObservedFunction
from rlxc import ModelFlow
from rlxc.diagnostics import parse_module
from rlxc.inspect.registry import make_context
from rlxc.native import Signature, read_signature
from rlxc.native.abi import DTYPES
from rlxc.native.signature import ArrayType
from rlxc.runtime.levels import lower_to
from rlxc.stages import (
    Linear,
    ResidualAdd,
    ResidualSave,
    RmsNorm,
    RopeTables,
    SelfAttnPrefill,
    SelfAttnPrefillSpec,
    SwiGlu,
)

Array = NDArray[Any]

HIDDEN, HEADS, KV_HEADS, HEAD_DIM, WIDTH = 32, 4, 2, 8, 24


def layer() -> ModuleOp:
    """Norms of the input, of queries and of keys, attention, a gated MLP, two residuals."""
    spec = SelfAttnPrefillSpec.hf_layer(
        "l", num_heads=HEADS, num_kv_heads=KV_HEADS, head_dim=HEAD_DIM, q_norm_key="q_norm", k_norm_key="k_norm"
    )
    flow = ModelFlow("layer").input("x", ("B", "S", HIDDEN))
    flow = flow.stage(RopeTables(theta=1e4, n_rot=HEAD_DIM, max_positions=64)).stage(ResidualSave())
    flow = flow.stage(RmsNorm("norm")).stage(SelfAttnPrefill(spec))
    flow = flow.stage(Linear("o", transpose=True)).stage(ResidualAdd())
    flow = flow.stage(ResidualSave()).stage(RmsNorm("norm")).stage(SwiGlu("gate", "up", "down")).stage(ResidualAdd())
    shapes = {
        "l.self_attn.q_proj.weight": (HEADS * HEAD_DIM, HIDDEN),
        "l.self_attn.k_proj.weight": (KV_HEADS * HEAD_DIM, HIDDEN),
        "l.self_attn.v_proj.weight": (KV_HEADS * HEAD_DIM, HIDDEN),
        **{"o": (HIDDEN, HEADS * HEAD_DIM), "gate": (WIDTH, HIDDEN), "up": (WIDTH, HIDDEN), "down": (HIDDEN, WIDTH)},
        **{"norm": (HIDDEN,), "q_norm": (HEAD_DIM,), "k_norm": (HEAD_DIM,)},
    }
    return flow.build({key: np.zeros(shape, np.float32) for key, shape in shapes.items()}).module


def decode() -> ModuleOp:
    """Keys and values are appended to a cache, of which the queries see a part."""
    return parsed("""
func.func @decode(%x: tensor<?x?x32xf32> {rlx.dims = ["B", "S"]}, %cache: tensor<?x40x16xf32> {rlx.dims = ["B"]},
                  %position: index, %length: index) -> (tensor<?x?x32xf32>, tensor<?x40x16xf32>) {
  %wq = rlx.param "q" : tensor<32x32xf32>
  %wk = rlx.param "k" : tensor<32x16xf32>
  %q = rlx.matmul %x, %wq activation(silu) : tensor<?x?x32xf32>, tensor<32x32xf32>
  %new = rlx.matmul %x, %wk : tensor<?x?x32xf32>, tensor<32x16xf32>
  %k = rlx.kv_append %cache, %new position(%position) : tensor<?x40x16xf32>, tensor<?x?x16xf32>
  %y = rlx.attention %q, %k, %k mask(causal) kv_length(%length) query_offset(%position)
    {num_heads = 4, num_kv_heads = 2, head_dim = 8, scale = 0.5 : f64} : tensor<?x?x32xf32>, tensor<?x40x16xf32>
  func.return %y, %k : tensor<?x?x32xf32>, tensor<?x40x16xf32>
}""")


def double() -> ModuleOp:
    """Float64 has no kernels: loops over blocks of queries."""
    return parsed("""
func.func @double(%x: tensor<?x?x16xf64> {rlx.dims = ["B", "S"]}, %w: tensor<16x16xf64>) -> tensor<?x?x16xf64> {
  %q = rlx.matmul %x, %w : tensor<?x?x16xf64>, tensor<16x16xf64>
  %y = rlx.attention %q, %x, %x mask(sliding<3>) {num_heads = 2, num_kv_heads = 2, head_dim = 8, scale = 0.5 : f64}
    : tensor<?x?x16xf64>, tensor<?x?x16xf64>
  %g = rlx.glu %y, %x activation(gelu) : tensor<?x?x16xf64>
  func.return %g : tensor<?x?x16xf64>
}""")


def parsed(text: str) -> ModuleOp:
    return parse_module(make_context(), text)


@dataclass(frozen=True)
class Observed:
    """An observed function with its signature."""

    function: ObservedFunction
    signature: Signature

    def arguments(self, batch: int, length: int, num_threads: int) -> list[Array | int]:
        """Everything that comes before the number of the thread."""
        sizes = {"B": batch, "S": length}
        scalars = {"position": 7, "length": 7 + length}
        inputs = [
            array(one.type, sizes) if isinstance(one.type, ArrayType) else scalars[one.name]
            for one in self.signature.inputs
        ]
        kinds = [*(one.type for one in self.signature.parameters), *self.signature.results]
        return [*inputs, num_threads, *(array(kind, sizes) for kind in kinds), np.zeros(1 << 20, np.int8)]


def array(kind: ArrayType, sizes: dict[str, int]) -> Array:
    return np.zeros([sizes[size] if isinstance(size, str) else size for size in kind.shape], DTYPES[kind.element])


@cache
def observed(make: Callable[[], ModuleOp]) -> Observed:
    module = lower_to(make(), "kernels")
    return Observed(ObservedFunction(module), read_signature(module))


@pytest.mark.parametrize("make", [layer, decode, double])
@pytest.mark.parametrize(("batch", "length", "num_threads"), [(1, 1, 2), (1, 2, 3), (2, 5, 3), (1, 13, 2)])
def test_there_are_no_races(make: Callable[[], ModuleOp], batch: int, length: int, num_threads: int):
    function = observed(make).function
    function.run(observed(make).arguments(batch, length, num_threads), num_threads)
    assert function.bytes_written > 0
    assert function.races == []


@pytest.mark.parametrize("make", [layer, decode])
def test_each_barrier_prevents_some(make: Callable[[], ModuleOp]):
    function, arguments = observed(make).function, observed(make).arguments(2, 5, 2)
    function.run(arguments, 2)
    assert function.barriers >= 6
    # The results are complete behind the last one.
    for ignored in range(function.barriers - 1):
        function.run(arguments, 2, ignored=ignored)
        assert function.races != [], ignored
