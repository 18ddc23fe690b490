"""Factors: a learned one, and a constant."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.dialects import tensor
from xdsl.dialects.arith import ConstantOp, MulfOp
from xdsl.dialects.builtin import (
    ArrayAttr,
    DenseArrayBase,
    DenseIntOrFPElementsAttr,
    IndexType,
    IntegerAttr,
    TensorType,
    i64,
)
from xdsl.dialects.linalg.ops import BroadcastOp
from xdsl.ir import SSAValue

from rlxc.dialects.rlx.base import is_static, tensor_type
from rlxc.stages.checks import require_key_name, require_real
from rlxc.stages.context import FlowContext
from rlxc.stages.stage import Stage, labelled


@dataclass(frozen=True)
class Scale(Stage):
    """`x * weight`, where the weight is one number, stored `[1]`: the layer scalar of Gemma 4."""

    key: str

    def __post_init__(self) -> None:
        require_key_name("Scale", "key", self.key)

    @property
    def label(self) -> str:
        """`Scale(model.layers.0.layer_scalar)`."""
        return labelled(self, self.key)

    def emit(self, ctx: FlowContext, x: SSAValue) -> SSAValue:
        """See `Stage`."""
        ctx.features(x)
        number = ctx.emit(scalar_of(ctx.param(self.key, shape=(1,))), "factor")
        return ctx.emit(MulfOp(x, broadcast_like(ctx, number, x)), "scaled")


@dataclass(frozen=True)
class ScaleBy(Stage):
    """`factor * x`."""

    factor: float

    def __post_init__(self) -> None:
        require_real("ScaleBy", "factor", self.factor)

    def emit(self, ctx: FlowContext, x: SSAValue) -> SSAValue:
        """See `Stage`."""
        ctx.features(x)
        scalar = TensorType(ctx.element_type, ())
        number = ctx.emit(ConstantOp(DenseIntOrFPElementsAttr.from_list(scalar, [self.factor])), "factor")
        return ctx.emit(MulfOp(x, broadcast_like(ctx, number, x)), "scaled")


def scalar_of(stored: SSAValue) -> tensor.CollapseShapeOp:
    """A tensor `[1]` as one of rank 0."""
    return tensor.CollapseShapeOp(
        operands=[stored],
        result_types=[TensorType(tensor_type(stored).element_type, ())],
        properties={"reassociation": ArrayAttr[ArrayAttr[IntegerAttr]]([])},
    )


def broadcast_like(ctx: FlowContext, number: SSAValue, x: SSAValue) -> SSAValue:
    """One number in the shape of `x`."""
    kind = tensor_type(x)
    everywhere = DenseArrayBase.from_list(i64, range(kind.get_num_dims()))
    return ctx.emit(BroadcastOp(number, empty_like(ctx, x), everywhere, kind), "factors")


def empty_like(ctx: FlowContext, x: SSAValue) -> SSAValue:
    """A tensor of the shape of `x`, whatever it holds."""
    kind = tensor_type(x)
    axes = [axis for axis, size in enumerate(kind.get_shape()) if not is_static(size)]
    indices = [ctx.emit(ConstantOp.from_int_and_width(axis, IndexType())) for axis in axes]
    return ctx.emit(tensor.EmptyOp([ctx.emit(tensor.DimOp(x, index)) for index in indices], kind))
