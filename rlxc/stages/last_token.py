"""The end of a sequence."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.dialects import tensor
from xdsl.dialects.arith import ConstantOp, SubiOp
from xdsl.dialects.builtin import DYNAMIC_INDEX, IndexType, TensorType
from xdsl.ir import SSAValue

from rlxc.dialects.rlx.base import tensor_type
from rlxc.stages.context import FlowContext
from rlxc.stages.stage import Stage


@dataclass(frozen=True)
class LastToken(Stage):
    """`x[:, -1:]`: the last position alone, of which the next token follows."""

    def emit(self, ctx: FlowContext, x: SSAValue) -> SSAValue:
        """See `Stage`."""
        features = ctx.features(x)
        batch, seq = (ctx.emit(tensor.DimOp(x, index_of(ctx, axis))) for axis in (0, 1))
        last = ctx.emit(SubiOp(seq, index_of(ctx, 1)), "last")
        kind = TensorType(tensor_type(x).element_type, (tensor_type(x).get_shape()[0], 1, features))
        sizes = [batch if kind.get_shape()[0] == DYNAMIC_INDEX else kind.get_shape()[0], 1, features]
        return ctx.emit(tensor.ExtractSliceOp(x, [0, last, 0], sizes, [1, 1, 1], kind), "last_token")


def index_of(ctx: FlowContext, number: int) -> SSAValue:
    """A whole number."""
    return ctx.emit(ConstantOp.from_int_and_width(number, IndexType()))
