"""Slices and reshapes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import ceil

from xdsl.dialects import tensor
from xdsl.dialects.builtin import DYNAMIC_INDEX, DenseArrayBase, IntegerType, TensorType
from xdsl.ir import Attribute, SSAValue
from xdsl.utils.hints import isa

from rlxc.numpy_backend.arrays.alignment import shortest
from rlxc.numpy_backend.errors import unsupported
from rlxc.numpy_backend.scope import Scope
from rlxc.numpy_backend.sizes.size import Size
from rlxc.numpy_backend.sizes.unit_axes import SliceOp, dropped_axes
from rlxc.numpy_backend.text.expression import Code, method, subscript

RESHAPES = (tensor.ExpandShapeOp, tensor.CollapseShapeOp)


def shape_of(value: SSAValue[Attribute]) -> tuple[int, ...]:
    """The static shape of a tensor, `DYNAMIC_INDEX` where it is not known."""
    assert isa(value.type, TensorType)
    return value.type.get_shape()


def sliced(scope: Scope, op: tensor.ExtractSliceOp) -> Code:
    """`source[offset : offset + size]` on each axis."""
    items = slice_items(scope, op, op.source)
    code = scope.code(op.source)
    return code if all(item == ":" for item in items) else subscript(code, shortest(items))


def slice_items(scope: Scope, op: SliceOp, whole: SSAValue) -> list[str]:
    """The index item of each axis of `whole`, of which the operation reads or writes a part."""
    offsets = _listed(scope, op.static_offsets, op.offsets)
    sizes = _listed(scope, op.static_sizes, op.sizes)
    strides = [stride.literal for stride in _listed(scope, op.static_strides, op.strides)]
    dropped, items = dropped_axes(op), list[str]()
    for axis, (offset, size, stride) in enumerate(zip(offsets, sizes, strides, strict=True)):
        if stride is None or stride < 1:
            unsupported(op, "its strides are not positive constants")
        if axis in dropped:
            items.append(scope.size_code(offset).text)
        else:
            items.append(_item(scope, offset, size, stride, scope.axis(whole, axis)))
    return items


def reshaped(scope: Scope, code: Code, result: SSAValue) -> Code:
    """`code` in the shape of `result`."""
    sizes = [scope.axis(result, axis) for axis in range(len(shape_of(result)))]
    return method(code, "reshape", *(map(scope.size_code, sizes) if sizes else ["()"]))


def _item(scope: Scope, offset: Size, size: Size, stride: int, whole: Size) -> str:
    """`offset : offset + size * stride : stride`, with what Python assumes left out."""
    start = None if offset == Size(0) else scope.size_code(offset)
    end = offset + size * stride
    if stride == 1:
        return _slice_text(start, None if end == whole else scope.size_code(end))
    known = (whole - offset).literal
    if known is not None and size.literal == ceil(known / stride):
        return f"{_slice_text(start, None)}:{stride}"
    if end.literal is not None:
        end -= end.literal % stride
    return f"{_slice_text(start, scope.size_code(end))}:{stride}"


def _slice_text(start: Code | None, end: Code | None) -> str:
    """`start:end`, with spaces around the colon as soon as one bound is more than a name or a number."""
    given = [bound.text for bound in (start, end) if bound is not None]
    if all(re.fullmatch(r"-?\w+", text) for text in given):
        return f"{start or ''}:{end or ''}"
    return f"{start or ''} : {end or ''}".strip()


def _listed(scope: Scope, static: DenseArrayBase[IntegerType], dynamic: Sequence[SSAValue]) -> list[Size]:
    """A list of numbers that is split into static and dynamic ones."""
    values = iter(dynamic)
    numbers = [int(number) for number in static.get_values()]
    return [scope.size(next(values)) if number == DYNAMIC_INDEX else Size(number) for number in numbers]
