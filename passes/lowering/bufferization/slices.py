"""Slices as values: offsets, sizes and strides, each a number or a value of type index."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from xdsl.dialects import tensor
from xdsl.dialects.builtin import DYNAMIC_INDEX
from xdsl.ir import SSAValue

Index: TypeAlias = SSAValue | int


@dataclass(frozen=True)
class Slice:
    """Which part of a tensor a slice is."""

    offsets: tuple[Index, ...]
    sizes: tuple[Index, ...]
    strides: tuple[Index, ...]

    @staticmethod
    def of(op: tensor.ExtractSliceOp | tensor.InsertSliceOp) -> Slice:
        """The part that the operation reads or writes."""
        return Slice(
            _merged(op.static_offsets.get_values(), op.offsets),
            _merged(op.static_sizes.get_values(), op.sizes),
            _merged(op.static_strides.get_values(), op.strides),
        )

    @property
    def operands(self) -> list[SSAValue]:
        """The values among the numbers."""
        return [index for index in (*self.offsets, *self.sizes, *self.strides) if isinstance(index, SSAValue)]

    def is_disjoint(self, other: Slice) -> bool:
        """Whether two slices of one tensor certainly have no element in common."""
        return any(
            _end(ours) <= theirs[0] or _end(theirs) <= ours[0] or _interleave(ours, theirs)
            for ours, theirs in zip(self._static_axes(), other._static_axes(), strict=True)
            if ours is not None and theirs is not None
        )

    def _static_axes(self) -> Iterator[_Axis | None]:
        """Offset, size and stride of each axis; None if one of them is known at run time only."""
        for offset, size, stride in zip(self.offsets, self.sizes, self.strides, strict=True):
            if isinstance(offset, int) and isinstance(size, int) and isinstance(stride, int):
                yield offset, size, stride
            else:
                yield None


_Axis: TypeAlias = tuple[int, int, int]


def _end(axis: _Axis) -> int:
    """One more than the last index."""
    offset, size, stride = axis
    return offset + (size - 1) * stride + 1


def _interleave(a: _Axis, b: _Axis) -> bool:
    """Whether the indices of two axes have different remainders."""
    return a[2] == b[2] > 1 and (a[0] - b[0]) % a[2] != 0


def _merged(static: Sequence[int], dynamic: Sequence[SSAValue]) -> tuple[Index, ...]:
    values = iter(dynamic)
    return tuple(next(values) if number == DYNAMIC_INDEX else number for number in static)
