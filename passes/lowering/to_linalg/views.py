"""Views of tensors: slices along some axes, and one axis taken apart or several packed into one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from xdsl.dialects import tensor
from xdsl.dialects.builtin import DYNAMIC_INDEX, ArrayAttr, DenseArrayBase, IntegerAttr, i64
from xdsl.dialects.utils import split_dynamic_index_list
from xdsl.ir import SSAValue

from rlxc.dialects.rlx.base import shape_of
from rlxc.passes.lowering.dims import dims
from rlxc.passes.lowering.scalars import Scalar, Size
from rlxc.passes.lowering.to_linalg.structured import element_type_of, tensor_type

Range: TypeAlias = tuple[Size, Size]
"""Offset and size on one axis."""


def part(
    x: SSAValue, ranges: Mapping[int, Range], *, strides: Mapping[int, int] | None = None, hint: str | None = None
) -> SSAValue:
    """The part of `x` in the given ranges, whole on the other axes; `x` itself where that is all of it."""
    whole = dims(x)
    sizes = [ranges[axis][1] if axis in ranges else size for axis, size in enumerate(whole)]
    if all(map(_is_same, sizes, whole)):
        return x
    offsets = [ranges[axis][0] if axis in ranges else 0 for axis in range(len(whole))]
    steps = [(strides or {}).get(axis, 1) for axis in range(len(whole))]
    result_type = tensor_type(sizes, element_type_of(x))
    slice_ = tensor.ExtractSliceOp(x, _values(offsets), _values(sizes), steps, result_type)
    slice_.result.name_hint = hint
    return slice_.result


def insert(
    x: SSAValue, into: SSAValue, offsets: Mapping[int, Size], *, strides: Mapping[int, int] | None = None
) -> SSAValue:
    """`into` with `x` written at the given offsets, 0 on the other axes."""
    sizes = dims(x)
    static_sizes, dynamic_sizes = _split(sizes)
    static_offsets, dynamic_offsets = _split([offsets.get(axis, 0) for axis in range(len(sizes))])
    steps = [(strides or {}).get(axis, 1) for axis in range(len(sizes))]
    return tensor.InsertSliceOp.build(
        operands=[x, into, dynamic_offsets, dynamic_sizes, []],
        properties={
            "static_offsets": DenseArrayBase.from_list(i64, static_offsets),
            "static_sizes": DenseArrayBase.from_list(i64, static_sizes),
            "static_strides": DenseArrayBase.from_list(i64, steps),
        },
        result_types=[into.type],
    ).result


def expand(x: SSAValue, axis: int, *factors: int) -> SSAValue:
    """One static axis as several: `[B, S, H*D]` with `axis` 2 and factors H, D -> `[B, S, H, D]`."""
    assert shape_of(x)[axis] == math.prod(factors)
    sizes = dims(x)
    sizes = (*sizes[:axis], *factors, *sizes[axis + 1 :])
    static, dynamic = _split(sizes)
    groups = _groups(len(sizes), axis, len(factors))
    expanded = tensor.ExpandShapeOp(x, dynamic, groups, static, tensor_type(sizes, element_type_of(x))).result
    expanded.name_hint = x.name_hint
    return expanded


def collapse(x: SSAValue, axis: int, count: int) -> SSAValue:
    """`count` static axes from `axis` on packed into one: the inverse of `expand`."""
    shape = shape_of(x)
    packed = (*shape[:axis], math.prod(shape[axis : axis + count]), *shape[axis + count :])
    return tensor.CollapseShapeOp.build(
        operands=[x],
        properties={"reassociation": _groups(len(shape), axis, count)},
        result_types=[tensor_type(packed, element_type_of(x))],
    ).result


def _groups(rank: int, axis: int, count: int) -> ArrayAttr[ArrayAttr[IntegerAttr]]:
    """The reassociation of `rank` axes in which `count` axes from `axis` on belong together."""
    groups = [[n] for n in range(axis)] + [list(range(axis, axis + count))] + [[n] for n in range(axis + count, rank)]
    return ArrayAttr(ArrayAttr(IntegerAttr(n, i64) for n in group) for group in groups)


def _is_same(a: Size, b: Size) -> bool:
    return a.is_same(b) if isinstance(a, Scalar) else a == b


def _values(sizes: Sequence[Size]) -> list[SSAValue | int]:
    return [size.value if isinstance(size, Scalar) else size for size in sizes]


def _split(sizes: Sequence[Size]) -> tuple[list[int], list[SSAValue]]:
    return split_dynamic_index_list(_values(sizes), DYNAMIC_INDEX)
