"""The call that computes an attention."""

from __future__ import annotations

from xdsl.dialects.func import FuncOp

from rlxc.dialects.kernel import KernelAttentionOp
from rlxc.passes.kernels.to_calls.arrays import call_with
from rlxc.passes.kernels.to_calls.team import Team


def call_attention(op: KernelAttentionOp, function: FuncOp, team: Team) -> None:
    """Call the kernel."""
    values = None if op.shares_kv else op.v
    optional = (values, op.cos, op.sin, op.padding, op.bias, op.k_gain)
    inputs = (op.q, op.k, *(value for value in optional if value is not None))
    call_with(function, *inputs, op.kv_length, op.query_offset, op.y, op.workspace, *team.arguments)
