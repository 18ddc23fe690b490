"""A factor from 0 to 1 for each token."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.dialects import tensor
from xdsl.dialects.arith import AddfOp, ConstantOp, DivfOp, MulfOp, NegfOp
from xdsl.dialects.builtin import (
    ArrayAttr,
    DenseArrayBase,
    DenseIntOrFPElementsAttr,
    IntegerAttr,
    TensorType,
    i64,
)
from xdsl.dialects.linalg.ops import BroadcastOp
from xdsl.dialects.math import ExpOp
from xdsl.ir import SSAValue

from rlxc.dialects.rlx import MatmulOp
from rlxc.dialects.rlx.base import tensor_type
from rlxc.stages.checks import require_key_name
from rlxc.stages.context import FlowContext
from rlxc.stages.scale import broadcast_like, empty_like
from rlxc.stages.streams import Stream


@dataclass(frozen=True)
class SigmoidGate(Stream):
    """`sigmoid(saved . weight) * x`, one factor a token: so Qwen2-MoE weighs its shared expert.

    The weight is stored `[1, features]`, and the stream `saved` is as wide as `x`.
    """

    key: str

    def __post_init__(self) -> None:
        super().__post_init__()
        require_key_name("SigmoidGate", "key", self.key)

    def emit(self, ctx: FlowContext, x: SSAValue) -> SSAValue:
        """See `Stage`."""
        weight = ctx.param(self.key, shape=(1, ctx.features(x)), transposed=True)
        gate = sigmoid(ctx, ctx.emit(MatmulOp(self.saved_like(ctx, x), weight), "gate"))
        factors = ctx.emit(BroadcastOp(ctx.emit(token_numbers(gate)), empty_like(ctx, x), LAST, x.type), "factors")
        return ctx.emit(MulfOp(x, factors), "weighed")


LAST = DenseArrayBase.from_list(i64, [2])
"""The axis of features."""


def sigmoid(ctx: FlowContext, x: SSAValue) -> SSAValue:
    """`1 / (1 + exp(-x))`."""
    scalar = TensorType(ctx.element_type, ())
    one = broadcast_like(ctx, ctx.emit(ConstantOp(DenseIntOrFPElementsAttr.from_list(scalar, [1.0])), "one"), x)
    return ctx.emit(DivfOp(one, ctx.emit(AddfOp(one, ctx.emit(ExpOp(ctx.emit(NegfOp(x))))))), "sigmoid")


def token_numbers(x: SSAValue) -> tensor.CollapseShapeOp:
    """`[batch, seq, 1]` as `[batch, seq]`."""
    groups = [ArrayAttr([IntegerAttr(0, i64)]), ArrayAttr([IntegerAttr(1, i64), IntegerAttr(2, i64)])]
    return tensor.CollapseShapeOp(
        operands=[x],
        result_types=[TensorType(tensor_type(x).element_type, tensor_type(x).get_shape()[:2])],
        properties={"reassociation": ArrayAttr(groups)},
    )
