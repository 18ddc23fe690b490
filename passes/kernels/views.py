"""Rectangles of memory: their types, and how they are cut out of larger ones."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects import memref
from xdsl.dialects.builtin import DYNAMIC_INDEX, Float32Type, IndexType, MemRefType, StridedLayoutAttr, f32
from xdsl.ir import Attribute, SSAValue

from rlxc.passes.lowering.scalars import Scalar, Size, constant


def rectangle(rows: int | None, columns: int | None, row_stride: int | None) -> MemRefType[Float32Type]:
    """`memref<rows x columns x f32>` that lies anywhere; what is None is known at run time only."""
    shape = [DYNAMIC_INDEX if size is None else size for size in (rows, columns)]
    return MemRefType(f32, shape, StridedLayoutAttr([row_stride, 1], None))


def transposed_rectangle(rows: int) -> MemRefType[Float32Type]:
    """`memref<? x rows x f32>`: contiguous rows that lie anywhere, with the axes exchanged."""
    return MemRefType(f32, [DYNAMIC_INDEX, rows], StridedLayoutAttr([1, None], None))


def run_of_elements(count: int | None = None) -> MemRefType[Float32Type]:
    """`memref<count x f32>` that lies anywhere; a count of None is known at run time only."""
    return MemRefType(f32, [DYNAMIC_INDEX if count is None else count], StridedLayoutAttr([1], None))


def size_of(source: SSAValue, axis: int) -> Scalar:
    """The size of an axis."""
    return Scalar(memref.DimOp(source, constant(axis, IndexType()).value).result)


def part(source: SSAValue, offsets: Sequence[Size], sizes: Sequence[Size], kind: Attribute) -> SSAValue:
    """`source[offset : offset + size, ...]` as type `kind`, which may leave out axes of size 1."""
    return memref.SubviewOp.get(source, _operands(offsets), _operands(sizes), [1] * len(sizes), kind).result


def rows_at(memory: SSAValue, offset: Size, rows: Size, columns: int) -> SSAValue:
    """Rows that follow each other in a `memref<? x f32>`, from an offset on."""
    kind = rectangle(rows if isinstance(rows, int) else None, columns, columns)
    sizes, strides = _operands([rows, columns]), [columns, 1]
    return memref.ReinterpretCastOp.from_dynamic(memory, _operands([offset]), sizes, strides, kind).result


def any_rows(source: SSAValue, columns: int) -> SSAValue:
    """The same rows, as some that may lie at any distance from each other."""
    return memref.CastOp.get(source, rectangle(None, columns, None)).dest


def flattened(source: SSAValue, count: int) -> SSAValue:
    """All elements of contiguous rows, one after the other."""
    found = memref.ExtractStridedMetaDataOp(source)
    kind = run_of_elements(count)
    return memref.ReinterpretCastOp.from_dynamic(found.base_buffer, [found.offset], [count], [1], kind).result


def transposed(source: SSAValue, rows: int) -> SSAValue:
    """The first rows of an array, with the axes exchanged."""
    found = memref.ExtractStridedMetaDataOp(source)
    sizes, strides = [found.sizes[1], rows], [1, found.strides[0]]
    kind = transposed_rectangle(rows)
    return memref.ReinterpretCastOp.from_dynamic(found.base_buffer, [found.offset], sizes, strides, kind).result


def _operands(sizes: Sequence[Size]) -> list[SSAValue | int]:
    return [size.value if isinstance(size, Scalar) else size for size in sizes]
