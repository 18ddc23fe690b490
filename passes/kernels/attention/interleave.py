"""The order in which queries enter products with rows of keys."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.dialects.func import FuncOp
from xdsl.ir import SSAValue

from rlxc.passes.kernels.attention.blocking import Blocking
from rlxc.passes.kernels.vectors import each, function, load, noinline, store
from rlxc.passes.kernels.views import rectangle, run_of_elements
from rlxc.passes.lowering.scalars import Scalar


@dataclass(frozen=True)
class Interleaving:
    """How the queries of a tile lie in vectors: some components of one row, then the same ones of the next row.

    A vector of queries meets the same components of a key, which are repeated for each of its rows. So all its
    products belong to one key, and few additions across the vector are left: within the components of each row.
    The vectors of the first rows follow each other by columns, then come those of the next rows.
    """

    lanes: int
    rows: int
    """Rows that a vector holds."""

    @staticmethod
    def of(blocking: Blocking) -> Interleaving:
        """Four components of a row side by side, which machines can load and repeat at once, or more."""
        return Interleaving(blocking.lanes, min(blocking.tile_rows, max(1, blocking.lanes // 4)))

    @property
    def width(self) -> int:
        """Components of a row that a vector holds."""
        return self.lanes // self.rows


def interleave_name(blocking: Blocking) -> str:
    """The name of the function for one tile."""
    return f"rlxc_attention_interleave_{blocking.lanes}_{blocking.tile_rows}x{blocking.row_width}"


def interleave_function(blocking: Blocking) -> FuncOp:
    """`interleaved[(r // R * (D / W) + d // W) * R * W + r % R * W + d % W] = rows[r, d]`: see `Interleaving`.

    R is its number of rows, W its width, D the width of the rows.
    """
    rows, width, interleaving = blocking.tile_rows, blocking.row_width, Interleaving.of(blocking)
    arguments = (("rows", rectangle(rows, width, width)), ("interleaved", run_of_elements(rows * width)))

    def body(source: SSAValue, interleaved: SSAValue) -> None:
        def copy(column: Scalar) -> None:
            for row in range(rows):
                block, place = divmod(row, interleaving.rows)
                offset = block * interleaving.rows * width + place * interleaving.width
                x = load(source, [row, column], interleaving.width)
                store(x, interleaved, [column * interleaving.rows + offset])

        each(0, width, interleaving.width, copy)

    return noinline(function(interleave_name(blocking), arguments, body))
