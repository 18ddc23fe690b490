"""How views lie in memory: the memref types of slices and reshapes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from math import prod

from xdsl.dialects import tensor
from xdsl.dialects.builtin import (
    DYNAMIC_INDEX,
    ArrayAttr,
    IntegerAttr,
    MemRefType,
    NoneAttr,
    StridedLayoutAttr,
    TensorType,
)
from xdsl.dialects.memref import SubviewOp
from xdsl.ir import Attribute, SSAValue
from xdsl.utils.hints import isa

from rlxc.passes.lowering.bufferization.sharing import overwritten, view_source
from rlxc.passes.lowering.bufferization.slices import Slice

MemRef = MemRefType[Attribute]
Tensor = TensorType[Attribute]
Reassociation = ArrayAttr[ArrayAttr[IntegerAttr]]


@lru_cache(maxsize=1024)
def dense_type(kind: Attribute) -> MemRef:
    """The memref of a whole tensor: row-major, without gaps."""
    assert isa(kind, Tensor)
    return MemRefType(kind.element_type, kind.get_shape())


def memref_type(value: SSAValue) -> MemRef:
    """The type of a value that is known to be a memref."""
    assert isa(value.type, MemRef)
    return value.type


def buffer_type(value: SSAValue) -> MemRef:
    """The memref that a tensor becomes, if each operation overwrites its destination."""
    if (before := overwritten(value)) is not None:
        return buffer_type(before)
    if (source := view_source(value)) is None:
        return dense_type(value.type)
    viewed, op = buffer_type(source), value.owner
    assert isa(value.type, Tensor)
    match op:
        case tensor.ExtractSliceOp():
            return slice_type(viewed, Slice.of(op), value.type.get_shape())
        case tensor.ExpandShapeOp():
            return expanded_type(viewed, value.type, op.reassociation)
        case tensor.CollapseShapeOp():
            return collapsed_type(viewed, value.type, op.reassociation) or dense_type(value.type)
        case _:
            return cast_type(viewed, value.type)


def slice_type(source: MemRef, part: Slice, shape: Sequence[int]) -> MemRef:
    """The memref of a slice; axes of size 1 that its shape does not have are dropped."""
    whole = SubviewOp.infer_result_type(source, part.offsets, part.sizes, part.strides)
    layout, kept = whole.layout, kept_axes(whole.get_shape(), shape)
    assert isinstance(layout, StridedLayoutAttr)
    strides = layout.get_strides()
    return MemRefType(source.element_type, shape, StridedLayoutAttr([strides[axis] for axis in kept], layout.offset))


def kept_axes(sizes: Sequence[int], result: Sequence[int]) -> list[int]:
    """The axes of a slice that its result has, the others being of size 1."""
    kept: list[int] = []
    for axis, size in enumerate(sizes):
        if len(kept) < len(result) and size == result[len(kept)]:
            kept.append(axis)
    return kept


def expanded_type(source: MemRef, result: Tensor, reassociation: Reassociation) -> MemRef:
    """The memref of an expand_shape."""
    shape = result.get_shape()
    if isinstance(source.layout, NoneAttr):
        return MemRefType(source.element_type, shape)
    strides: list[int | None] = []
    for group, stride in zip(axes_of(reassociation), strides_of(source), strict=True):
        strides += [_times(stride, [shape[inner] for inner in group if inner > axis]) for axis in group]
    return MemRefType(source.element_type, shape, StridedLayoutAttr(strides, source.get_offset()))


def collapsed_type(source: MemRef, result: Tensor, reassociation: Reassociation) -> MemRef | None:
    """The memref of a collapse_shape; None if the axes of a group may have gaps between them."""
    shape = result.get_shape()
    if isinstance(source.layout, NoneAttr):
        return MemRefType(source.element_type, shape)
    groups = [
        [axis for axis in group if source.get_shape()[axis] != 1] or group[-1:] for group in axes_of(reassociation)
    ]
    if not all(_are_dense(source, group) for group in groups):
        return None
    strides = [strides_of(source)[group[-1]] for group in groups]
    return MemRefType(source.element_type, shape, StridedLayoutAttr(strides, source.get_offset()))


def cast_type(source: MemRef, result: Tensor) -> MemRef:
    """The memref of a cast: the same place, the sizes known or not."""
    return MemRefType(source.element_type, result.get_shape(), source.layout)


def axes_of(reassociation: Reassociation) -> list[list[int]]:
    """The groups of a reassociation as numbers."""
    return [[axis.value.data for axis in group] for group in reassociation]


def strides_of(kind: MemRef) -> Sequence[int | None]:
    """The strides in elements, None where they are known at run time only."""
    strides = kind.get_strides()
    assert strides is not None
    return strides


def _are_dense(source: MemRef, axes: Sequence[int]) -> bool:
    """Whether axes certainly have no gaps between them, so that they can be seen as one."""
    shape, strides = source.get_shape(), strides_of(source)
    spans = ((strides[outer], _times(strides[inner], [shape[inner]])) for outer, inner in pairwise(axes))
    return all(stride is not None and stride == span for stride, span in spans)


def _times(stride: int | None, sizes: Sequence[int]) -> int | None:
    return None if stride is None or DYNAMIC_INDEX in sizes else stride * prod(sizes)
