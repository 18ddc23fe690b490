"""Embeddings: of tokens, and of positions."""

from __future__ import annotations

from typing import ClassVar

from xdsl.dialects.builtin import FloatAttr, IndexType, TensorType, f64, i32, i64
from xdsl.ir import Operation, SSAValue
from xdsl.irdl import (
    MessageConstraint,
    VarConstraint,
    eq,
    irdl_op_definition,
    operand_def,
    opt_operand_def,
    prop_def,
    result_def,
    traits_def,
)
from xdsl.traits import Pure

from rlxc.dialects.rlx.attributes import REAL
from rlxc.dialects.rlx.base import RlxOperation, is_static, require, shape_of, tensor_type
from rlxc.dialects.rlx.constraints import FLOAT, tensor_of

_IDS = MessageConstraint(eq(i32) | eq(i64), "token ids must be i32 or i64")


@irdl_op_definition
class EmbedOp(RlxOperation):
    """Rows of a table: `result[b, s] = scale * table[ids[b, s]]`; `scale` is 1 if absent (Gemma: sqrt(hidden)).

    `table` is `[V, H]`, `ids` `[B, S]` with `0 <= id < V`, the result `[B, S, H]`.
    """

    name = "rlx.embed"

    _E: ClassVar = VarConstraint("E", FLOAT)

    table = operand_def(tensor_of(_E, "vocabulary", "features"))
    ids = operand_def(tensor_of(_IDS, "batch", "seq"))
    scale = prop_def(REAL, default_value=FloatAttr(1.0, f64))
    result = result_def(tensor_of(_E, "batch", "seq", "features"))

    traits = traits_def(Pure())
    assembly_format = "$table `,` $ids attr-dict `:` type($table) `,` type($ids)"

    def __init__(self, table: SSAValue | Operation, ids: SSAValue | Operation, *, scale: float = 1.0):
        table, ids = SSAValue.get(table), SSAValue.get(ids)
        shape = (*shape_of(ids), shape_of(table)[1])
        super().__init__(
            operands=[table, ids],
            result_types=[TensorType(tensor_type(table).element_type, shape)],
            properties={"scale": FloatAttr(scale, f64)},
        )


@irdl_op_definition
class PositionEmbedOp(RlxOperation):
    """Learned positions: `result[b, s] = x[b, s] + table[s + position]`; `position` is 0 if absent.

    `x` is `[B, S, H]`, `table` `[P, H]` with `S + position <= P`.
    """

    name = "rlx.position_embed"

    _E: ClassVar = VarConstraint("E", FLOAT)

    x = operand_def(tensor_of(_E, "batch", "seq", "features"))
    table = operand_def(tensor_of(_E, "positions", "features"))
    position = opt_operand_def(IndexType())
    result = result_def(tensor_of(_E, "batch", "seq", "features"))

    traits = traits_def(Pure())
    assembly_format = "$x `,` $table (`position` `(` $position^ `)`)? attr-dict `:` type($x) `,` type($table)"

    def __init__(
        self,
        x: SSAValue | Operation,
        table: SSAValue | Operation,
        *,
        position: SSAValue | Operation | None = None,
    ):
        x = SSAValue.get(x)
        super().__init__(operands=[x, table, position], result_types=[x.type])

    def verify_semantics(self) -> None:
        rows, seq = shape_of(self.table)[0], shape_of(self.x)[1]
        if self.position is None and is_static(rows) and is_static(seq):
            require(seq <= rows, f"x has {seq} positions, but the table holds {rows}")


def table_holds(table: SSAValue) -> str:
    """How many positions a table serves, for messages."""
    rows = shape_of(table)[0]
    return f"the table holds ({rows})" if is_static(rows) else "the table holds"
