"""The sizes and numbers of one call."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects import arith, tensor
from xdsl.dialects.builtin import IntegerAttr
from xdsl.dialects.func import FuncOp
from xdsl.ir import Operation, SSAValue

from rlxc.dialects.rlx import AttentionOp, EmbedOp, KvAppendOp, MoeOp, PositionEmbedOp, RopeOp
from rlxc.inspect.cost import read_experts
from rlxc.inspect.shapes import Shapes, infer
from rlxc.runtime.arguments import Value


class CallSizes:
    """The shape of every tensor of a function at the rlx level in one call, and its numbers as far as they are known.

    Unlike in `rlxc.inspect.shapes`, the sizes are those of given inputs.
    """

    def __init__(self, function: FuncOp, inputs: Sequence[Value]):
        self._shapes: Shapes = {}
        self._numbers: dict[SSAValue, int] = {}
        for argument, value in zip(function.args, inputs, strict=True):
            if isinstance(value, int):
                self._numbers[argument] = value
            else:
                self._shapes[argument] = value.shape
        for op in function.body.block.ops:
            infer(op, self._shapes)
            self._evaluate(op)

    def touched(self, op: Operation) -> Shapes:
        """All shapes, where those of tables, caches and experts have only what `op` reads or writes of them."""
        match op:
            case AttentionOp():
                return self._shapes | self._touched_by_attention(op)
            case RopeOp():
                rows = self._shapes[op.x][1]
                return self._shapes | {table: (rows, self._shapes[table][1]) for table in (op.cos, op.sin)}
            case EmbedOp():
                return self._shapes | {op.table: self._shapes[op.result]}
            case PositionEmbedOp():
                return self._shapes | {op.table: self._shapes[op.x][1:]}
            case MoeOp():
                return self._shapes | read_experts(op, self._shapes)
            case KvAppendOp():
                # The other rows stay where they are.
                return self._shapes | {op.cache: (0,), op.result: self._shapes[op.new]}
            case _:
                return self._shapes

    def _touched_by_attention(self, op: AttentionOp) -> Shapes:
        """The keys and values that are valid and, with a causal mask, not behind the last query."""
        batch, q_len, _ = self._shapes[op.q]
        kv_len = self._number(op.kv_length, self._shapes[op.k][1])
        if not op.mask.is_none:
            kv_len = min(kv_len, self._number(op.query_offset, kv_len - q_len) + q_len)
        shapes: Shapes = {value: (batch, kv_len, self._shapes[value][2]) for value in (op.k, op.v)}
        for table in (op.cos, op.sin):
            if table is not None:
                shapes[table] = kv_len, self._shapes[table][1]
        return shapes

    def _number(self, value: SSAValue | None, otherwise: int) -> int:
        return otherwise if value is None else self._numbers.get(value, otherwise)

    def _evaluate(self, op: Operation) -> None:
        """Compute the number that an operation computes, if it is one that positions are made with."""
        known = [self._numbers[operand] for operand in op.operands if operand in self._numbers]
        match op:
            case arith.ConstantOp(value=IntegerAttr() as number):
                self._numbers[op.result] = number.value.data
            case tensor.DimOp() if known and op.source in self._shapes:
                self._numbers[op.result] = self._shapes[op.source][known[0]]
            case arith.AddiOp() if len(known) == 2:
                self._numbers[op.result] = known[0] + known[1]
            case arith.SubiOp() if len(known) == 2:
                self._numbers[op.result] = known[0] - known[1]
            case arith.MuliOp() if len(known) == 2:
                self._numbers[op.result] = known[0] * known[1]
            case arith.IndexCastOp() if known:
                self._numbers[op.result] = known[0]
            case _:
                pass
