"""Rows that lie apart, brought closer before they are needed: hardware foresees only what is contiguous."""

from __future__ import annotations

from xdsl.dialects import memref
from xdsl.ir import SSAValue

from rlxc.passes.kernels.attention.workspace import ALIGNMENT
from rlxc.passes.kernels.prefetch import Prefetch
from rlxc.passes.lowering.scalars import Scalar, Size


class RowPrefetch:
    """Rows of `width` elements in an array; there may be none where one is asked for."""

    def __init__(self, rows: SSAValue, width: int):
        self._memory, self._width = Prefetch(rows), width
        self._stride = Scalar(memref.ExtractStridedMetaDataOp(rows).strides[-2])

    def row(self, index: Scalar, first: Size = 0) -> None:
        """Bring a row closer, from column `first` on."""
        self.part(index, first, self._width)

    def part(self, index: Scalar, first: Size, width: int) -> None:
        """Bring so many elements of a row closer, from column `first` on."""
        for column in range(0, width, ALIGNMENT):
            self._memory.element(index * self._stride + first + column)
