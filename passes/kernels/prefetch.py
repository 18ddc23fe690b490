"""Memory that will be needed soon, brought closer."""

from __future__ import annotations

from xdsl.dialects import arith, llvm, memref
from xdsl.dialects.builtin import Float32Type, MemRefType, i32, i64
from xdsl.ir import SSAValue
from xdsl.utils.hints import isa

from rlxc.passes.lowering.scalars import Scalar, Size, constant

FOR_READING, INTO_SECOND_LEVEL, DATA = 0, 2, 1
"""The numbers that `llvm.prefetch` takes."""


class Prefetch:
    """Elements of a contiguous part of memory, by how far they lie from its first one."""

    def __init__(self, source: SSAValue):
        assert isa(source.type, MemRefType[Float32Type])
        start = Scalar(memref.ExtractAlignedPointerAsIndexOp.get(source).aligned_pointer)
        self._start = start + Scalar(memref.ExtractStridedMetaDataOp(source).offset) * 4
        self._how = [constant(number, i32).value for number in (FOR_READING, INTO_SECOND_LEVEL, DATA)]

    def element(self, index: Size) -> None:
        """Bring the cache line of an element into the second level cache. There may be no such element."""
        address = self._start + index * 4
        pointer = llvm.IntToPtrOp(arith.IndexCastOp(address.value, i64).result).output
        llvm.CallIntrinsicOp("llvm.prefetch", [pointer, *self._how], [])
