"""What holds for an attention at each level: how its attributes and the shapes of its operands fit together."""

from __future__ import annotations

from typing import Protocol

from xdsl.dialects.builtin import AnyFloat, FloatAttr, IntegerAttr
from xdsl.ir import SSAValue

from rlxc.dialects.rlx.attributes import RopeStyleAttr
from rlxc.dialects.rlx.base import int_of, require, shape_of
from rlxc.dialects.rlx.constraints import dim_text
from rlxc.dialects.rlx.rope import verify_rope_tables, verify_table_length


class Attention(Protocol):
    """The operands and attributes of an attention on tensors or on memrefs."""

    @property
    def q(self) -> SSAValue: ...
    @property
    def k(self) -> SSAValue: ...
    @property
    def cos(self) -> SSAValue | None: ...
    @property
    def sin(self) -> SSAValue | None: ...
    @property
    def bias(self) -> SSAValue | None: ...
    @property
    def k_gain(self) -> SSAValue | None: ...
    @property
    def num_heads(self) -> IntegerAttr: ...
    @property
    def num_kv_heads(self) -> IntegerAttr: ...
    @property
    def head_dim(self) -> IntegerAttr: ...
    @property
    def n_rot(self) -> IntegerAttr | None: ...
    @property
    def rope_style(self) -> RopeStyleAttr | None: ...
    @property
    def softcap(self) -> FloatAttr[AnyFloat] | None: ...


def verify_attention(op: Attention) -> None:
    """Raise VerifyException where heads, tables or optional operands do not fit."""
    _verify_heads(op)
    _verify_rope(op)
    if op.softcap is not None:
        require(op.softcap.value.data > 0, f"softcap must be positive, got {op.softcap.value.data}")
    if op.bias is not None:
        heads, bias_heads = int_of(op.num_heads), shape_of(op.bias)[1]
        require(bias_heads in (1, heads), f"bias has {dim_text(bias_heads)} heads, expected 1 or num_heads = {heads}")
    if op.k_gain is not None:
        width, head_dim = shape_of(op.k_gain)[0], int_of(op.head_dim)
        require(width == head_dim, f"k_gain has {dim_text(width)} components, but head_dim = {head_dim}")


def _verify_heads(op: Attention) -> None:
    heads, kv_heads, head_dim = int_of(op.num_heads), int_of(op.num_kv_heads), int_of(op.head_dim)
    require(heads % kv_heads == 0, f"num_heads = {heads} is not a multiple of num_kv_heads = {kv_heads}")
    for name, value, count in (("q", op.q, heads), ("k", op.k, kv_heads)):
        features = shape_of(value)[-1]
        field = "num_heads" if name == "q" else "num_kv_heads"
        require(
            features == count * head_dim,
            f"{name} has {dim_text(features)} features, but {field} = {count} heads of head_dim = {head_dim} "
            f"have {count * head_dim}",
        )


def _verify_rope(op: Attention) -> None:
    cos, sin = op.cos, op.sin
    if cos is None or sin is None:
        require(cos is None and sin is None, "rope needs both a cos and a sin table")
        require(op.n_rot is None, "n_rot is given without rope tables")
        require(op.rope_style is None, "a rope style is given without rope tables")
        return
    if op.n_rot is None:
        require(False, "rope needs the attribute n_rot")
        return
    verify_rope_tables(cos, sin, int_of(op.n_rot), int_of(op.head_dim))
    verify_table_length(cos, shape_of(op.k)[1], "k")
