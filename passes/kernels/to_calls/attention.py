"""The call that computes an attention."""

from __future__ import annotations

from xdsl.dialects.builtin import MemRefType
from xdsl.dialects.func import FuncOp
from xdsl.ir import Attribute
from xdsl.utils.hints import isa

from rlxc.dialects.kernel import KernelAttentionOp
from rlxc.dialects.rlx import RopeStyle
from rlxc.dialects.rlx.base import int_of
from rlxc.passes.kernels.attention import AttentionSpec
from rlxc.passes.kernels.to_calls.arrays import call_with
from rlxc.passes.kernels.to_calls.team import Team


def attention_spec(op: KernelAttentionOp) -> AttentionSpec:
    """What the operation computes."""
    return AttentionSpec(
        num_heads=int_of(op.num_heads),
        num_kv_heads=int_of(op.num_kv_heads),
        head_dim=int_of(op.head_dim),
        scale=op.scale.value.data,
        softcap=None if op.softcap is None else op.softcap.value.data,
        mask=op.mask.kind.data,
        window=op.mask.window_size,
        n_rot=None if op.n_rot is None else int_of(op.n_rot),
        rope_style=RopeStyle.HALF if op.rope_style is None else op.rope_style.data,
        shared_kv=op.shares_kv,
        padding=op.padding is not None,
        bias_heads=bias_heads(op),
        k_gain=op.k_gain is not None,
    )


def bias_heads(op: KernelAttentionOp) -> int:
    """The heads of the bias, 0 without one."""
    if op.bias is None:
        return 0
    assert isa(op.bias.type, MemRefType[Attribute])
    return op.bias.type.get_shape()[1]


def call_attention(op: KernelAttentionOp, function: FuncOp, team: Team) -> None:
    """Call the kernel."""
    values = None if op.shares_kv else op.v
    optional = (values, op.cos, op.sin, op.padding, op.bias, op.k_gain)
    inputs = (op.q, op.k, *(value for value in optional if value is not None))
    call_with(function, *inputs, op.kv_length, op.query_offset, op.y, op.workspace, *team.arguments)
