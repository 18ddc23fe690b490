"""Rotary position embedding."""

from __future__ import annotations

from typing import ClassVar

from xdsl.dialects.builtin import IndexType, IntegerAttr, i64
from xdsl.ir import Operation, SSAValue
from xdsl.irdl import (
    VarConstraint,
    base,
    irdl_op_definition,
    operand_def,
    opt_operand_def,
    prop_def,
    result_def,
    traits_def,
)
from xdsl.traits import Pure

from rlxc.dialects.rlx.attributes import POSITIVE_INT, RopeStyle, RopeStyleAttr
from rlxc.dialects.rlx.base import RlxOperation, int_of, is_static, require, shape_of
from rlxc.dialects.rlx.constraints import FLOAT, dim_text, tensor_of
from rlxc.dialects.rlx.format import Tables


def verify_rope_tables(cos: SSAValue, sin: SSAValue, n_rot: int, head_dim: int) -> None:
    """Check that both tables are `[positions, n_rot / 2]` and that `n_rot` fits into a head."""
    require(n_rot % 2 == 0, f"n_rot must be even, got {n_rot}")
    require(n_rot <= head_dim, f"n_rot = {n_rot} is more than head_dim = {head_dim}")
    require(cos.type == sin.type, f"the cos table is {cos.type}, but the sin table is {sin.type}")
    width = shape_of(cos)[1]
    require(
        width == n_rot // 2,
        f"n_rot = {n_rot} needs rope tables of width {n_rot // 2}, got {dim_text(width)} ({cos.type})",
    )


def verify_table_length(cos: SSAValue, rows: int, what: str) -> None:
    """Check that a table has a row for each of `rows` positions, where both are static."""
    positions = shape_of(cos)[0]
    if is_static(positions) and is_static(rows):
        require(rows <= positions, f"{what} has {rows} positions, but the rope tables hold {positions}")


def tables_hold(table: SSAValue) -> str:
    """How many positions rope tables serve, for messages."""
    rows = shape_of(table)[0]
    return f"the rope tables hold ({rows})" if is_static(rows) else "the rope tables hold"


@irdl_op_definition
class RopeOp(RlxOperation):
    """Rotary embedding of each head: pairs `(a, b)` of components are rotated by an angle of the position.

    `out[a] = x[a] cos - x[b] sin`, `out[b] = x[b] cos + x[a] sin`; row `s` of `x` uses row
    `s + position` of the tables (`position` is 0 if absent). The pairs are
    `(i, i + n_rot/2)` in style `half` (GPT-NeoX), `(2i, 2i+1)` in style `interleaved` (GPT-J),
    `i < n_rot/2`. Components from `n_rot` to `head_dim` are copied.

    `x` is `[B, S, H*head_dim]`, the tables `[P, n_rot/2]` with `S + position <= P`.
    """

    name = "rlx.rope"

    _E: ClassVar = VarConstraint("E", FLOAT)

    x = operand_def(tensor_of(_E, "batch", "seq", "features"))
    cos = operand_def(tensor_of(_E, "positions", "half_n_rot"))
    sin = operand_def(tensor_of(_E, "positions", "half_n_rot"))
    position = opt_operand_def(IndexType())
    head_dim = prop_def(POSITIVE_INT)
    n_rot = prop_def(POSITIVE_INT)
    style = prop_def(base(RopeStyleAttr), default_value=RopeStyleAttr(RopeStyle.HALF))
    result = result_def(tensor_of(_E, "batch", "seq", "features"))

    traits = traits_def(Pure())
    custom_directives = (Tables,)
    assembly_format = (
        "$x `,` custom<Tables>($cos, $sin, type($cos), type($sin)) (`position` `(` $position^ `)`)? "
        "(`style` `(` $style^ `)`)? attr-dict `:` type($x)"
    )

    def __init__(
        self,
        x: SSAValue | Operation,
        cos: SSAValue | Operation,
        sin: SSAValue | Operation,
        *,
        head_dim: int,
        n_rot: int,
        style: RopeStyle = RopeStyle.HALF,
        position: SSAValue | Operation | None = None,
    ):
        x = SSAValue.get(x)
        super().__init__(
            operands=[x, cos, sin, position],
            result_types=[x.type],
            properties={
                "head_dim": IntegerAttr(head_dim, i64),
                "n_rot": IntegerAttr(n_rot, i64),
                "style": RopeStyleAttr(style),
            },
        )

    def verify_semantics(self) -> None:
        head_dim, (_, seq, features) = int_of(self.head_dim), shape_of(self.x)
        require(
            features > 0 and features % head_dim == 0,
            f"x has {dim_text(features)} features, which is not a whole number of heads of head_dim = {head_dim}",
        )
        verify_rope_tables(self.cos, self.sin, int_of(self.n_rot), head_dim)
        if self.position is None:
            verify_table_length(self.cos, seq, "x")
