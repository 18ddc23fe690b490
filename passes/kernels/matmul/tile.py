"""The product of a row tile and a panel, for any number of rows up to the height of the tile."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects.builtin import IndexType, i1
from xdsl.dialects.func import FuncOp
from xdsl.ir import SSAValue

from rlxc.passes.kernels.matmul.micro_kernel import tile_kernel, tile_kernel_name
from rlxc.passes.kernels.target import KernelTarget
from rlxc.passes.kernels.vectors import call, function, when
from rlxc.passes.kernels.views import part, rectangle
from rlxc.passes.lowering.scalars import Scalar


def tile_name(target: KernelTarget) -> str:
    """The name of the function that multiplies a tile."""
    return f"rlxc_matmul_tile_{target.panel_width}"


def tile_functions(target: KernelTarget) -> list[FuncOp]:
    """The function `(x, panel, sums, rows, depth, first, ahead, pace)` and its micro-kernels.

    Of `rows` rows of `x` the products are right; those of some rows after them are computed too.
    """
    height, width = target.tile_rows, target.panel_width
    arguments = (
        ("x", rectangle(None, height, height)),
        ("panel", rectangle(None, width, width)),
        ("sums", rectangle(height, width, width)),
        ("rows", IndexType()),
        ("depth", IndexType()),
        ("first", i1),
        ("ahead", rectangle(None, width, width)),
        ("pace", IndexType()),
    )

    def body(x: SSAValue, panel: SSAValue, sums: SSAValue, rows: SSAValue, depth: SSAValue, *others: SSAValue) -> None:
        def multiply(rows: int) -> None:
            columns = part(x, [0, 0], [Scalar(depth), rows], rectangle(None, rows, height))
            upper = part(sums, [0, 0], [rows, width], rectangle(rows, width, width))
            call(tile_kernel_name(rows, target), columns, panel, upper, depth, *others)

        def multiply_at_least(heights: Sequence[int]) -> None:
            tallest, *others = heights
            if others:
                when(Scalar(rows) > others[0], lambda: multiply(tallest), lambda: multiply_at_least(others))
            else:
                multiply(tallest)

        multiply_at_least(_heights(target))

    return [function(tile_name(target), arguments, body), *(tile_kernel(rows, target) for rows in _heights(target))]


def _heights(target: KernelTarget) -> list[int]:
    """The numbers of rows for which there are micro-kernels: the height of a tile, and powers of two below."""
    bits = (target.tile_rows - 1).bit_length()
    return [target.tile_rows, *(1 << bit for bit in reversed(range(bits)))]
