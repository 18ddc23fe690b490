"""The product of a row tile and a panel, for any number of rows up to the height of the tile."""

from __future__ import annotations

from functools import partial

from xdsl.dialects.builtin import IndexType, i1
from xdsl.dialects.func import FuncOp
from xdsl.ir import SSAValue

from rlxc.passes.kernels.matmul.micro_kernel import micro_kernel, micro_kernel_name
from rlxc.passes.kernels.target import KernelTarget
from rlxc.passes.kernels.vectors import call, function, when
from rlxc.passes.kernels.views import part, rectangle
from rlxc.passes.lowering.scalars import Scalar, Size


def tile_name(target: KernelTarget) -> str:
    """The name of the function that multiplies a tile."""
    return f"rlxc_matmul_tile_{target.panel_width}"


def tile_functions(target: KernelTarget) -> list[FuncOp]:
    """The function `(x, panel, sums, rows, depth, first)` and its micro-kernels.

    `rows` below the height of the tile are put together from micro-kernels for powers of two.
    """
    heights = [target.tile_rows, *_powers_of_two(target.tile_rows)]
    arguments = (
        ("x", rectangle(None, target.tile_rows, target.tile_rows)),
        ("panel", rectangle(None, target.panel_width, target.panel_width)),
        ("sums", rectangle(target.tile_rows, target.panel_width, target.panel_width)),
        ("rows", IndexType()),
        ("depth", IndexType()),
        ("first", i1),
    )

    def body(x: SSAValue, panel: SSAValue, sums: SSAValue, rows: SSAValue, depth: SSAValue, first: SSAValue) -> None:
        def multiply(row: Size, height: int) -> None:
            columns = part(x, [0, row], [Scalar(depth), height], rectangle(None, height, target.tile_rows))
            kind = rectangle(height, target.panel_width, target.panel_width)
            rows_of_sums = part(sums, [row, 0], [height, target.panel_width], kind)
            call(micro_kernel_name(height, target), columns, panel, rows_of_sums, depth, first)

        def multiply_some() -> None:
            for height in heights[1:]:
                row = Scalar(rows) // (2 * height) * (2 * height)
                when(row + height <= Scalar(rows), partial(multiply, row, height))

        when(Scalar(rows) >= target.tile_rows, lambda: multiply(0, target.tile_rows), multiply_some)

    return [function(tile_name(target), arguments, body), *(micro_kernel(height, target) for height in heights)]


def _powers_of_two(bound: int) -> list[int]:
    """Those below a bound, the largest first."""
    return [1 << digit for digit in reversed(range((bound - 1).bit_length()))]
