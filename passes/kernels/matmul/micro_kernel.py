"""The innermost loop: the product of a row tile and a panel, summed in vector registers."""

from __future__ import annotations

from functools import reduce
from operator import add

from xdsl.dialects.builtin import IndexType, i1
from xdsl.dialects.func import FuncOp
from xdsl.ir import SSAValue

from rlxc.passes.kernels.matmul.blocking import STREAMS
from rlxc.passes.kernels.target import KernelTarget
from rlxc.passes.kernels.vectors import (
    Carried,
    Vector,
    broadcast,
    element,
    filled,
    fma,
    function,
    load,
    loop,
    noinline,
    store,
    when,
)
from rlxc.passes.kernels.views import rectangle
from rlxc.passes.lowering.scalars import Scalar, Size, as_value


def micro_kernel_name(rows: int, target: KernelTarget) -> str:
    """The name of the micro-kernel for so many rows."""
    return f"rlxc_matmul_tile_{rows}x{target.panel_width}"


def micro_kernel(rows: int, target: KernelTarget) -> FuncOp:
    """`sums = x^T . panel`, or `sums += x^T . panel` unless it is the first block.

    `x` is `[depth, rows]`, `panel` `[depth, W]` and `sums` `[rows, W]`.
    """
    arguments = (
        ("x", rectangle(None, rows, target.tile_rows)),
        ("panel", rectangle(None, target.panel_width, target.panel_width)),
        ("sums", rectangle(rows, target.panel_width, target.panel_width)),
        ("depth", IndexType()),
        ("first", i1),
    )

    def body(x: SSAValue, panel: SSAValue, sums: SSAValue, depth: SSAValue, first: SSAValue) -> None:
        tile = _Tile(rows, target, x, panel)
        _write(tile, tile.product(Scalar(depth)), sums, Scalar(first))

    return noinline(function(micro_kernel_name(rows, target), arguments, body))


class _Tile:
    """A register tile: its sums are `rows * panel_vectors` vectors, row by row."""

    def __init__(self, rows: int, target: KernelTarget, x: SSAValue, panel: SSAValue):
        self.lanes = target.lanes
        self.rows = [Scalar(as_value(row)) for row in range(rows)]
        self.columns = [Scalar(as_value(column)) for column in range(0, target.panel_width, target.lanes)]
        self.size = rows * target.panel_vectors
        self.copies = min(STREAMS, target.tile_rows // rows)
        self.x, self.panel = x, panel

    def product(self, depth: Scalar) -> list[Vector]:
        """The sums over all `depth` rows of the panel.

        Several places of the panel are read at once. Few rows have several copies of the sums, since
        each addition waits for the one before.
        """
        length = depth // STREAMS
        starts = [length * stream for stream in range(STREAMS)]

        def step(k: Scalar, carried: Carried) -> Carried:
            values = list(carried)
            for stream, start in enumerate(starts):
                copy = slice(stream % self.copies * self.size, (stream % self.copies + 1) * self.size)
                values[copy] = self.accumulate(k + start, values[copy])
            return values

        zeros = [filled(0.0, self.lanes).value] * (self.size * self.copies)
        values = loop(0, length, 1, zeros, step)
        sums = [reduce(add, map(Vector, values[i :: self.size])).value for i in range(self.size)]
        rest = loop(length * STREAMS, depth, 1, sums, self.accumulate)
        return [Vector(value) for value in rest]

    def accumulate(self, k: Scalar, sums: Carried) -> Carried:
        """Add the products of one row of the panel."""
        weights = [load(self.panel, [k, column], self.lanes) for column in self.columns]
        before = iter(sums)
        after: list[SSAValue] = []
        for row in self.rows:
            x = broadcast(element(self.x, [k, row]), self.lanes)
            after.extend(fma(x, weight, Vector(next(before))).value for weight in weights)
        return after


def _write(tile: _Tile, values: list[Vector], sums: SSAValue, first: Scalar) -> None:
    """Store the sums, or add them to what is there."""
    places: list[tuple[Size, Size]] = [(row, column) for row in tile.rows for column in tile.columns]

    def replace() -> None:
        for value, place in zip(values, places, strict=True):
            store(value, sums, place)

    def increase() -> None:
        for value, place in zip(values, places, strict=True):
            store(load(sums, place, tile.lanes) + value, sums, place)

    when(first, replace, increase)
