"""Arrays as kernels take them: wherever they lie, and where it can be, all rows of all batches as one list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xdsl.dialects import memref
from xdsl.dialects.builtin import DYNAMIC_INDEX, MemRefType, NoneAttr, StridedLayoutAttr
from xdsl.dialects.func import FuncOp
from xdsl.ir import Attribute, SSAValue
from xdsl.utils.exceptions import PassFailedException
from xdsl.utils.hints import isa

from rlxc.passes.kernels.vectors import call
from rlxc.passes.lowering.scalars import Condition, Scalar, Size, all_of


def call_with(function: FuncOp, *operands: SSAValue) -> None:
    """Call a kernel, whose arguments may lie anywhere in memory, with operands of which more is known."""
    expected = function.function_type.inputs.data
    call(function.sym_name.data, *map(_cast, operands, expected))


def _cast(value: SSAValue, expected: Attribute) -> SSAValue:
    if value.type == expected or not isa(value.type, MemRefType[Attribute]):
        return value
    assert isa(expected, MemRefType[Attribute])
    require_contiguous_rows(value.type)
    require_fit(value.type, expected)
    return memref.CastOp.get(value, expected).dest


def require_fit(kind: MemRefType[Attribute], expected: MemRefType[Attribute]) -> None:
    """Raise PassFailedException unless an array has the sizes that a kernel takes, and lies where it may.

    A cast to a type without a layout would forget the offset of a slice.
    """
    sizes = zip(kind.get_shape(), expected.get_shape(), strict=True)
    if any(DYNAMIC_INDEX not in (size, wanted) and size != wanted for size, wanted in sizes):
        raise PassFailedException(f"the kernel takes {expected}, got {kind}: is it made for another target?")
    if isinstance(expected.layout, NoneAttr) and not isinstance(kind.layout, NoneAttr):
        raise PassFailedException(f"the kernel takes a whole array, {expected}, got the slice {kind}")


def require_contiguous_rows(kind: MemRefType[Attribute]) -> None:
    """Raise PassFailedException if the elements of a row do not follow each other."""
    layout = kind.layout
    if isinstance(layout, NoneAttr):
        return
    if not isinstance(layout, StridedLayoutAttr) or layout.get_strides()[-1] != 1:
        raise PassFailedException(f"kernels take contiguous rows, got {kind}")


@dataclass(frozen=True)
class Batches:
    """An array `[B, S, N]` by its strides."""

    base: SSAValue
    offset: Scalar
    sizes: tuple[Scalar, Scalar]
    strides: tuple[Scalar, Scalar]
    width: int

    @staticmethod
    def of(value: SSAValue) -> Batches:
        kind = value.type
        assert isa(kind, MemRefType[Attribute])
        require_contiguous_rows(kind)
        found = memref.ExtractStridedMetaDataOp(value)
        batch, seq, _ = map(Scalar, found.sizes)
        outer, inner, _ = map(Scalar, found.strides)
        return Batches(found.base_buffer, Scalar(found.offset), (batch, seq), (outer, inner), kind.get_shape()[-1])

    @property
    def is_dense(self) -> Condition:
        """Whether the rows of one batch follow those of the one before at the same distance."""
        return self.strides[0].equals(self.sizes[1] * self.strides[1])

    def rows(self, batch: Scalar, count: Size) -> SSAValue:
        """`count` rows from the first one of a batch on."""
        offset = self.offset + batch * self.strides[0]
        kind = memref_of_rows(self.base, self.width)
        sizes = [count.value if isinstance(count, Scalar) else count, self.width]
        strides = [self.strides[1].value, 1]
        return memref.ReinterpretCastOp.from_dynamic(self.base, [offset.value], sizes, strides, kind).result


def memref_of_rows(base: SSAValue, width: int) -> MemRefType[Attribute]:
    """`memref<? x width, strided<[?, 1], offset: ?>>`."""
    assert isa(base.type, MemRefType[Attribute])
    return MemRefType(base.type.element_type, [DYNAMIC_INDEX, width], StridedLayoutAttr([None, 1], None))


def all_dense(arrays: Sequence[Batches]) -> Scalar:
    """Whether all arrays can be seen as one long list of rows each."""
    return all_of([array.is_dense for array in arrays])
