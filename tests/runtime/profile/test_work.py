"""FLOPs and bytes of the operations of a call, counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from rlxc.diagnostics import parse_module
from rlxc.inspect.registry import make_context
from rlxc.runtime.arguments import Value
from rlxc.runtime.profile.numbered import NumberedProgram
from rlxc.runtime.profile.sizes import CallSizes
from rlxc.runtime.profile.work import Work, work_of

MLP = """
func.func @mlp(%x: tensor<?x?x8xf32>, %residual: tensor<?x?x16xf32>) -> tensor<?x?x16xf32> {
  %w = rlx.param "w" : tensor<8x16xf32>
  %gamma = rlx.param "gamma" : tensor<16xf32>
  %p = rlx.matmul %x, %w : tensor<?x?x8xf32>, tensor<8x16xf32>
  %n = rlx.rms_norm %p gamma(%gamma) {eps = 1.0e-6 : f64} : tensor<?x?x16xf32>
  %y = arith.addf %n, %residual : tensor<?x?x16xf32>
  return %y : tensor<?x?x16xf32>
}
"""

MOE = """
func.func @moe(%x: tensor<?x?x8xf32>, %l: tensor<?x?x6xf32>, %w: tensor<8x60xf32>, %d: tensor<5x48xf32>)
    -> tensor<?x?x8xf32> {
  %g = rlx.route %l {top_k = 2} : tensor<?x?x6xf32>
  %y = rlx.moe %x, %g, %w, %d activation(relu)
    : tensor<?x?x8xf32>, tensor<?x?x6xf32>, tensor<8x60xf32>, tensor<5x48xf32>
  return %y : tensor<?x?x8xf32>
}
"""

DECODE = """
func.func @decode(%q: tensor<?x?x8xf32>, %k: tensor<?x?x4xf32>, %cache: tensor<?x?x4xf32>, %position: index)
    -> tensor<?x?x8xf32> {
  %c1 = arith.constant 1 : index
  %seq = tensor.dim %q, %c1 : tensor<?x?x8xf32>
  %length = arith.addi %position, %seq : index
  %keys = rlx.kv_append %cache, %k position(%position) : tensor<?x?x4xf32>, tensor<?x?x4xf32>
  %y = rlx.attention %q, %keys, %keys mask(causal) kv_length(%length) query_offset(%position)
    {num_heads = 2, num_kv_heads = 1, head_dim = 4} : tensor<?x?x8xf32>, tensor<?x?x4xf32>
  return %y : tensor<?x?x8xf32>
}
"""


def zeros(*shape: int) -> Value:
    return np.zeros(shape, np.float32)


def work(text: str, names: tuple[str, ...], inputs: list[Value]) -> Work:
    """The work of the operations with these names, run as one."""
    program = NumberedProgram(parse_module(make_context(), text, "test.mlir"))
    operations = [op for op in program.operations if op.name in names]
    return work_of(operations, CallSizes(program.function, inputs))


@pytest.mark.parametrize(("batch", "seq"), [(1, 1), (2, 7)])
def test_projection(batch: int, seq: int) -> None:
    rows = batch * seq
    found = work(MLP, ("rlx.matmul",), [zeros(batch, seq, 8), zeros(batch, seq, 16)])
    assert found == Work(flops=rows * 16 * 2 * 8, bytes_moved=4 * (rows * 8 + 8 * 16 + rows * 16))


@pytest.mark.parametrize(("rows", "experts"), [(1, 2), (2, 4), (7, 6)])
def test_experts(rows: int, experts: int) -> None:
    inputs = [zeros(1, rows, 8), zeros(1, rows, 6), zeros(8, 60), zeros(5, 48)]
    found = work(MOE, ("rlx.moe",), inputs)
    assert found.bytes_moved == 4 * (rows * 8 + rows * 6 + experts * 3 * 8 * 5 + rows * 8)
    assert found.flops == rows * 2 * (3 * 2 * 8 * 5 + 6 * 5 + 2 * 8)


def test_what_stays_inside_a_group_is_not_moved() -> None:
    found = work(MLP, ("rlx.rms_norm", "arith.addf"), [zeros(2, 3, 8), zeros(2, 3, 16)])
    read, written = 6 * 16 + 16 + 6 * 16, 6 * 16
    assert found == Work(flops=6 * 16 * (4 + 1), bytes_moved=4 * (read + written))


def test_a_cache_is_read_as_far_as_it_is_filled() -> None:
    """Two queries at positions 10 and 11 see 11 and 12 keys of a cache for 100."""
    inputs = [zeros(1, 2, 8), zeros(1, 2, 4), zeros(1, 100, 4), 10]
    attention = work(DECODE, ("rlx.attention",), inputs)
    assert attention == Work(flops=(11 + 12) * (4 * 8 + 5 * 2), bytes_moved=4 * (2 * 8 + 12 * 4 + 2 * 8))
    append = work(DECODE, ("rlx.kv_append",), inputs)
    assert append == Work(flops=0, bytes_moved=4 * 2 * (2 * 4))


def test_a_table_is_read_as_far_as_it_is_used() -> None:
    text = """
    func.func @embed(%ids: tensor<?x?xi32>) -> tensor<?x?x8xf32> {
      %table = rlx.param "table" : tensor<1000x8xf32>
      %y = rlx.embed %table, %ids : tensor<1000x8xf32>, tensor<?x?xi32>
      return %y : tensor<?x?x8xf32>
    }
    """
    assert work(text, ("rlx.embed",), [np.zeros((1, 3), np.int32)]).bytes_moved == 4 * (3 + 3 * 8 + 3 * 8)
