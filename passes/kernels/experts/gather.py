"""The rows that chose an expert, brought together."""

from __future__ import annotations

from xdsl.dialects.builtin import IndexType
from xdsl.dialects.func import FuncOp
from xdsl.ir import SSAValue

from rlxc.passes.kernels.experts.numbers import number_at
from rlxc.passes.kernels.matmul.pack import pack_columns
from rlxc.passes.kernels.target import KernelTarget
from rlxc.passes.kernels.vectors import each, element, function, noinline, put
from rlxc.passes.kernels.views import rectangle, run_of_elements
from rlxc.passes.lowering.scalars import Scalar, minimum

COPY_ROWS = "rlxc_moe_copy_rows"


def gather_name(target: KernelTarget) -> str:
    """The name of the function that packs a tile."""
    return f"rlxc_moe_gather_{target.tile_rows}"


def gather_functions(target: KernelTarget) -> list[FuncOp]:
    """The functions that pack a tile, and that copy few rows as they are."""
    return [_gather_function(target), _copy_function()]


def _gather_function(target: KernelTarget) -> FuncOp:
    """`packed[k, r] = x[numbers[r], k]` for `k < depth` and `r < rows`; a tile with fewer rows repeats the last one."""
    arguments = (
        ("x", rectangle(None, None, None)),
        ("numbers", run_of_elements()),
        ("packed", rectangle(None, target.tile_rows, target.tile_rows)),
        ("rows", IndexType()),
        ("depth", IndexType()),
    )

    def body(x: SSAValue, numbers: SSAValue, packed: SSAValue, rows: SSAValue, depth: SSAValue) -> None:
        last = Scalar(rows) - 1
        sources = [number_at(numbers, minimum(lane, last)) for lane in range(target.tile_rows)]
        pack_columns(x, packed, sources, Scalar(depth))

    return noinline(function(gather_name(target), arguments, body))


def _copy_function() -> FuncOp:
    """`copied[r, k] = x[numbers[r], k]` for all rows and columns of `copied`."""
    arguments = (
        ("x", rectangle(None, None, None)),
        ("numbers", run_of_elements()),
        ("copied", rectangle(None, None, None)),
        ("rows", IndexType()),
        ("columns", IndexType()),
    )

    def body(x: SSAValue, numbers: SSAValue, copied: SSAValue, rows: SSAValue, columns: SSAValue) -> None:
        def copy_row(row: Scalar) -> None:
            source = number_at(numbers, row)
            each(0, Scalar(columns), 1, lambda k: put(element(x, [source, k]), copied, [row, k]))

        each(0, Scalar(rows), 1, copy_row)

    return noinline(function(COPY_ROWS, arguments, body))
