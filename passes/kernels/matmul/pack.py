"""The rows of `x` in tiles, so that a micro-kernel reads them one after the other."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects.builtin import IndexType
from xdsl.dialects.func import FuncOp
from xdsl.dialects.memref import StoreOp
from xdsl.ir import SSAValue

from rlxc.passes.kernels.target import KernelTarget
from rlxc.passes.kernels.vectors import each, element, function, noinline
from rlxc.passes.kernels.views import rectangle
from rlxc.passes.lowering.scalars import Scalar, Size, as_value, minimum


def pack_name(target: KernelTarget) -> str:
    """The name of the function that packs a tile."""
    return f"rlxc_matmul_pack_{target.tile_rows}"


def pack_function(target: KernelTarget) -> FuncOp:
    """`packed[k, r] = x[r, k]` for `k < depth` and `r < rows`; a tile with fewer rows repeats the last one."""
    arguments = (
        ("x", rectangle(None, None, None)),
        ("packed", rectangle(None, target.tile_rows, target.tile_rows)),
        ("rows", IndexType()),
        ("depth", IndexType()),
    )

    def body(x: SSAValue, packed: SSAValue, rows: SSAValue, depth: SSAValue) -> None:
        last = Scalar(rows) - 1
        sources = [minimum(Scalar(as_value(lane)), last) for lane in range(target.tile_rows)]
        pack_columns(x, packed, sources, Scalar(depth))

    return noinline(function(pack_name(target), arguments, body))


def pack_columns(x: SSAValue, packed: SSAValue, sources: Sequence[Size], depth: Scalar) -> None:
    """`packed[k, r] = x[sources[r], k]` for `k < depth`."""
    lanes = [Scalar(as_value(lane)) for lane in range(len(sources))]

    def copy_column(k: Scalar) -> None:
        elements = [element(x, [row, k]) for row in sources]
        for lane, value in zip(lanes, elements, strict=True):
            StoreOp.get(value.value, packed, [k.value, lane.value])

    each(0, depth, 1, copy_column)
