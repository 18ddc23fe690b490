"""Slices whose result has fewer axes than what they are cut from."""

from __future__ import annotations

from xdsl.dialects import tensor
from xdsl.dialects.builtin import TensorType
from xdsl.utils.hints import isa

SliceOp = tensor.ExtractSliceOp | tensor.InsertSliceOp


def dropped_axes(op: SliceOp) -> set[int]:
    """The axes of size 1 that the part, read or written, does not have."""
    part = op.result if isinstance(op, tensor.ExtractSliceOp) else op.source
    assert isa(part.type, TensorType)
    left = list(part.type.get_shape())
    dropped: set[int] = set()
    for axis, size in enumerate(op.static_sizes.get_values()):
        if left and left[0] == int(size):
            left.pop(0)
        else:
            dropped.add(axis)
    return dropped
