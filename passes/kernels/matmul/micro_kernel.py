"""The innermost loop: products of rows of `x` and panels of weights, summed in vector registers."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from xdsl.dialects.builtin import IndexType, i1
from xdsl.dialects.func import FuncOp
from xdsl.ir import Attribute, SSAValue

from rlxc.passes.kernels.matmul.blocking import CACHE_LINE
from rlxc.passes.kernels.prefetch import Prefetch
from rlxc.passes.kernels.target import KernelTarget
from rlxc.passes.kernels.vectors import (
    Carried,
    Vector,
    broadcast,
    each,
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
from rlxc.passes.kernels.views import rectangle, transposed_rectangle
from rlxc.passes.lowering.scalars import Scalar, Size, all_of, as_value, minimum

CHAIN = 1024
"""Products that are added to a sum one after the other. The error of longer chains grows above that of the result."""


def tile_kernel_name(rows: int, target: KernelTarget) -> str:
    """The name of the micro-kernel for so many rows of packed `x`."""
    return f"rlxc_matmul_tile_{rows}x{target.panel_width}"


def tile_kernel(rows: int, target: KernelTarget) -> FuncOp:
    """`sums = x^T . panel`, or `sums += x^T . panel` unless it is the first block.

    `x` is packed, `[depth, rows]`, `panel` `[depth, W]` and `sums` `[rows, W]`. On the way `depth * pace` elements
    of `ahead` are prefetched; `pace` is `W` at most.
    """
    width = target.panel_width
    arguments = (
        ("x", rectangle(None, rows, target.tile_rows)),
        ("panel", rectangle(None, width, width)),
        ("sums", rectangle(rows, width, width)),
        ("depth", IndexType()),
        ("first", i1),
        ("ahead", rectangle(None, width, width)),
        ("pace", IndexType()),
    )

    def body(
        x: SSAValue, panel: SSAValue, sums: SSAValue, depth: SSAValue, first: SSAValue, ahead: SSAValue, pace: SSAValue
    ) -> None:
        prefetch = Prefetch(ahead)

        def bring_closer(k: Scalar) -> None:
            for line in range(0, width, CACHE_LINE):
                prefetch.element(k * Scalar(pace) + line)

        tile = _RegisterTile.of(rows, target)
        tile.multiply(x, [panel], [sums], Scalar(depth), Scalar(first), bring_closer)

    return noinline(function(tile_kernel_name(rows, target), arguments, body))


def stream_kernel_name(rows: int, streams: int, target: KernelTarget) -> str:
    """The name of the micro-kernel for so many rows of `x` and panels."""
    return f"rlxc_matmul_stream_{rows}x{streams}x{target.panel_width}"


def stream_kernel(rows: int, streams: int, target: KernelTarget) -> FuncOp:
    """`sums[s] = x^T . panel[s]` for several panels at once, which are read at the same pace.

    `x` is `[depth, rows]`, the rows of an array that is not packed; each panel is `[depth, W]`, and its
    sums are `[rows, W]`.
    """
    width = target.panel_width
    arguments: tuple[tuple[str, Attribute], ...] = (
        ("x", transposed_rectangle(rows)),
        *((f"panel{stream}", rectangle(None, width, width)) for stream in range(streams)),
        *((f"sums{stream}", rectangle(rows, width, width)) for stream in range(streams)),
        ("depth", IndexType()),
    )

    def body(x: SSAValue, *others: SSAValue) -> None:
        panels, sums, depth = others[:streams], others[streams:-1], others[-1]
        _RegisterTile.of(rows, target).multiply(x, panels, sums, Scalar(depth))

    return noinline(function(stream_kernel_name(rows, streams, target), arguments, body))


_Row = TypeVar("_Row")
_Column = TypeVar("_Column")


@dataclass(frozen=True)
class _RegisterTile:
    """Vectors of sums, those of one panel after those of another."""

    lanes: int
    rows: Sequence[Scalar]
    columns: Sequence[Scalar]

    @staticmethod
    def of(rows: int, target: KernelTarget) -> _RegisterTile:
        columns = range(0, target.panel_width, target.lanes)
        return _RegisterTile(target.lanes, [_index(row) for row in range(rows)], [_index(column) for column in columns])

    @property
    def size(self) -> int:
        """The number of vectors for one panel."""
        return len(self.rows) * len(self.columns)

    def multiply(
        self,
        x: SSAValue,
        panels: Sequence[SSAValue],
        sums: Sequence[SSAValue],
        depth: Scalar,
        is_new: Scalar | None = None,
        at_each: Callable[[Scalar], None] = lambda k: None,
    ) -> None:
        """`sums[s] = x^T . panels[s]` over `depth` rows, or `sums[s] += ...` unless `is_new`.

        `at_each` is called in the loop over the rows.
        """

        def add_chain(start: Scalar) -> None:
            end = minimum(start + CHAIN, depth)
            values = self._product(x, panels, (start, end), at_each)
            writes = start.equals(0) if is_new is None else all_of([start.equals(0), is_new])
            when(writes, lambda: self._write(values, sums), lambda: self._write(self._added(values, sums), sums))

        each(0, depth, CHAIN, add_chain)

    def _product(
        self,
        x: SSAValue,
        panels: Sequence[SSAValue],
        of_rows: tuple[Size, Size],
        at_each: Callable[[Scalar], None],
    ) -> list[Vector]:
        """The sums over some rows of the panels."""

        def step(k: Scalar, carried: Carried) -> Carried:
            at_each(k)
            elements = [broadcast(element(x, [k, row]), self.lanes) for row in self.rows]
            return [
                total.value
                for i, panel in enumerate(panels)
                for total in self._accumulate(k, elements, panel, carried[i * self.size : (i + 1) * self.size])
            ]

        zeros = [filled(0.0, self.lanes).value] * (self.size * len(panels))
        return [Vector(value) for value in loop(*of_rows, 1, zeros, step)]

    def _accumulate(self, k: Scalar, elements: list[Vector], panel: SSAValue, sums: Carried) -> list[Vector]:
        """Add the products of one row of a panel."""
        weights = (load(panel, [k, column], self.lanes) for column in self.columns)
        pairs = self._pairs(elements, weights)
        return [fma(x, weight, Vector(before)) for (x, weight), before in zip(pairs, sums, strict=True)]

    def _added(self, values: Sequence[Vector], sums: Sequence[SSAValue]) -> list[Vector]:
        """The values plus those in memory."""
        places = self._places(sums)
        return [load(memory, at, self.lanes) + value for value, (memory, at) in zip(values, places, strict=True)]

    def _write(self, values: Sequence[Vector], sums: Sequence[SSAValue]) -> None:
        """Put the values into memory."""
        for value, (memory, place) in zip(values, self._places(sums), strict=True):
            store(value, memory, place)

    def _places(self, sums: Sequence[SSAValue]) -> Iterable[tuple[SSAValue, tuple[Scalar, Scalar]]]:
        return ((memory, place) for memory in sums for place in self._pairs(self.rows, self.columns))

    def _pairs(self, of_rows: Sequence[_Row], of_columns: Iterable[_Column]) -> Iterable[tuple[_Row, _Column]]:
        """All pairs, in an order that needs few registers: what there is less of stays in them."""
        if len(self.rows) < len(self.columns):
            return ((row, column) for column in of_columns for row in of_rows)
        return itertools.product(of_rows, of_columns)


def _index(number: int) -> Scalar:
    """A literal, which all uses in a function share."""
    return Scalar(as_value(number))
