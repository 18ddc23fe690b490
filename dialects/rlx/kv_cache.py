"""The key/value cache."""

from __future__ import annotations

from typing import ClassVar

from xdsl.dialects.builtin import IndexType
from xdsl.ir import Operation, SSAValue
from xdsl.irdl import VarConstraint, irdl_op_definition, operand_def, result_def, traits_def
from xdsl.traits import Pure

from rlxc.dialects.rlx.base import RlxOperation, is_static, require, shape_of
from rlxc.dialects.rlx.constraints import FLOAT, tensor_of


@irdl_op_definition
class KvAppendOp(RlxOperation):
    """The cache with new rows: `result[:, position : position + S] = new`, the rest is `cache`.

    `cache` and the result are `[B, capacity, F]`, `new` is `[B, S, F]` with
    `position + S <= capacity`. Bufferization does it in place where the old cache is dead.
    """

    name = "rlx.kv_append"

    _E: ClassVar = VarConstraint("E", FLOAT)

    cache = operand_def(tensor_of(_E, "batch", "capacity", "kv_features"))
    new = operand_def(tensor_of(_E, "batch", "seq", "kv_features"))
    position = operand_def(IndexType())
    result = result_def(tensor_of(_E, "batch", "capacity", "kv_features"))

    traits = traits_def(Pure())
    assembly_format = "$cache `,` $new `position` `(` $position `)` attr-dict `:` type($cache) `,` type($new)"

    def __init__(self, cache: SSAValue | Operation, new: SSAValue | Operation, position: SSAValue | Operation):
        cache = SSAValue.get(cache)
        super().__init__(operands=[cache, new, position], result_types=[cache.type])

    def verify_semantics(self) -> None:
        capacity, seq = shape_of(self.cache)[1], shape_of(self.new)[1]
        if is_static(capacity) and is_static(seq):
            require(seq <= capacity, f"{seq} new rows do not fit into a cache of {capacity}")
