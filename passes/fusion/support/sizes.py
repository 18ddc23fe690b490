"""Whether two dimensions are the same at run time, and what moving a value costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod

from xdsl.dialects import arith, tensor
from xdsl.dialects.builtin import FixedBitwidthType, IntegerAttr
from xdsl.dialects.func import FuncOp
from xdsl.ir import BlockArgument, Operation, OpResult, SSAValue

from rlxc.dialects.rlx import (
    AddRmsNormOp,
    AttentionOp,
    EmbedOp,
    GluMatmulOp,
    GluOp,
    KvAppendOp,
    LayerNormOp,
    MatmulOp,
    MoeOp,
    PositionEmbedOp,
    RepeatKvOp,
    RmsNormOp,
    RopeOp,
    RouteOp,
    SoftcapOp,
    SplitOp,
)
from rlxc.dialects.rlx.base import is_static, shape_of, tensor_type
from rlxc.passes.arguments import dim_names, is_private

_LEADING_AXES_OF: Mapping[type[Operation], str] = {
    MatmulOp: "x",
    GluMatmulOp: "x",
    SplitOp: "x",
    RopeOp: "x",
    RepeatKvOp: "x",
    AttentionOp: "q",
    RmsNormOp: "x",
    LayerNormOp: "x",
    AddRmsNormOp: "x",
    GluOp: "gate",
    SoftcapOp: "x",
    EmbedOp: "ids",
    PositionEmbedOp: "x",
    KvAppendOp: "cache",
    RouteOp: "logits",
    MoeOp: "x",
    arith.AddfOp: "lhs",
    arith.SubfOp: "lhs",
    arith.MulfOp: "lhs",
}
"""The operand whose batch and sequence axes an operation hands on to its results."""


_LEADING = 2
"""Batch and sequence are the first axes."""


@dataclass(frozen=True)
class Axis:
    """A dynamic dimension where it enters: of an argument, or of an operation that is not looked through."""

    value: SSAValue | str
    axis: int = 0


def axis_size(value: SSAValue, axis: int) -> int | Axis:
    """The size of an axis; equal results mean equal sizes at run time.

    Two arguments of one public function whose `rlx.dims` give an axis the same name have the same size:
    its callers are outside, and are checked. Nothing checks the calls of a private one.
    """
    size = shape_of(value)[axis]
    if is_static(size):
        return size
    if axis < _LEADING and isinstance(value, OpResult) and (name := _LEADING_AXES_OF.get(type(value.op))) is not None:
        return axis_size(getattr(value.op, name), axis)
    if isinstance(value, BlockArgument) and _is_checked(value) and (named := dim_names(value).get(axis)) is not None:
        return Axis(named)
    return Axis(value, axis)


def _is_checked(argument: BlockArgument) -> bool:
    """Whether the function of an argument is public."""
    function = argument.block.parent_op()
    return isinstance(function, FuncOp) and not is_private(function)


def measured(size: SSAValue) -> int | Axis | SSAValue:
    """What an index value is known to be: a constant, the size of an axis, or just itself."""
    match size.owner:
        case arith.ConstantOp(value=IntegerAttr(value=number)):
            return number.data
        case tensor.DimOp(source=source, index=index) if isinstance(axis := measured(index), int):
            return axis_size(source, axis)
        case _:
            return size


def bytes_text(values: Sequence[SSAValue]) -> str:
    """The size of some activations: in all if static, else for each token (row of batch and sequence)."""
    if all(is_static(size) for value in values for size in shape_of(value)):
        return f"{sum(_bytes_of(value, shape_of(value)) for value in values)} bytes"
    return f"{sum(_bytes_of(value, shape_of(value)[-1:]) for value in values)} bytes a token"


def _bytes_of(value: SSAValue, shape: Sequence[int]) -> int:
    element_type = tensor_type(value).element_type
    assert isinstance(element_type, FixedBitwidthType)
    return prod(shape) * element_type.size
