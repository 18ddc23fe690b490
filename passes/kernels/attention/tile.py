"""The two products of a row tile: scores with panels of keys, and weights with values."""

from __future__ import annotations

from collections.abc import Callable

from xdsl.dialects.builtin import IndexType
from xdsl.dialects.func import FuncOp
from xdsl.ir import SSAValue

from rlxc.passes.kernels.attention.blocking import KEYS_FOR_FEW, Blocking
from rlxc.passes.kernels.attention.row_prefetch import RowPrefetch
from rlxc.passes.kernels.attention.softmax import CORRECTION, statistics_type
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
from rlxc.passes.kernels.views import rectangle
from rlxc.passes.lowering.scalars import Scalar, Size, as_value

UNROLLED = 4
"""Steps of a product in one turn of its loop."""


def scores_name(blocking: Blocking) -> str:
    """The name of the function that computes the scores of a tile."""
    return f"rlxc_attention_scores_{blocking.tile_rows}x{blocking.keys}x{blocking.head_dim}"


def scores_function(blocking: Blocking) -> FuncOp:
    """`scores = queries . keys` for the keys `first : end` of the block, which are whole vectors.

    Panels are computed whole, but for the last, of which no more vectors are computed than there are.
    """
    rows, width = blocking.tile_rows, blocking.panel_width
    arguments = (
        ("queries", rectangle(rows, blocking.row_width, blocking.row_width)),
        ("panels", rectangle(None, width, width)),
        ("scores", rectangle(rows, blocking.keys, blocking.keys)),
        ("first", IndexType()),
        ("end", IndexType()),
    )

    def body(queries: SSAValue, panels: SSAValue, scores: SSAValue, first: SSAValue, end: SSAValue) -> None:
        def multiply(panel: Scalar, columns: int) -> None:
            product = _Product(blocking, queries, panels, panel * blocking.head_dim, columns)
            product.store(product.accumulate(product.zeros, 0, blocking.head_dim), scores, panel * width)

        whole = Scalar(end) // width
        rest = Scalar(end) - whole * width
        each(Scalar(first) // width, whole, 1, lambda panel: multiply(panel, width))
        for columns in range(blocking.lanes, width, blocking.lanes):
            when(rest.equals(columns), lambda columns=columns: multiply(whole, columns))

    return noinline(function(scores_name(blocking), arguments, body))


def values_name(blocking: Blocking, stride: int | None) -> str:
    """The name of the function that adds the values of a tile; rows of values are `stride` apart, if that is known."""
    where = "packed" if stride else "anywhere"
    return f"rlxc_attention_values_{where}_{blocking.tile_rows}x{blocking.keys}x{blocking.row_width}"


def values_function(blocking: Blocking, stride: int | None) -> FuncOp:
    """`sums = correction * sums + weights . values`, over the keys `first : end` of a block.

    The products of a block are summed first: the error grows with the number of blocks, not with that of keys.
    Values anywhere are those of few queries: meanwhile the values of the next block come closer.
    """
    rows = blocking.tile_rows
    arguments = (
        ("weights", rectangle(rows, blocking.keys, blocking.keys)),
        ("values", rectangle(None, blocking.row_width, stride)),
        ("sums", rectangle(rows, blocking.row_width, blocking.row_width)),
        ("statistics", statistics_type(blocking)),
        ("first", IndexType()),
        ("end", IndexType()),
    )

    def body(
        weights: SSAValue, values: SSAValue, sums: SSAValue, statistics: SSAValue, first: SSAValue, end: SSAValue
    ) -> None:
        later = None if stride else RowPrefetch(values, blocking.row_width)
        whole = blocking.row_width // blocking.panel_width * blocking.panel_width

        def add(column: Size, width: int) -> None:
            product = _Product(blocking, weights, values, 0, width, column)

            def prefetch(key: Scalar) -> None:
                if later:
                    later.part(key + KEYS_FOR_FEW, column, width)

            added = product.accumulate(product.zeros, Scalar(first), Scalar(end), prefetch)
            before = product.load(sums, column)
            corrections = [broadcast(element(statistics, [CORRECTION, row]), blocking.lanes) for row in range(rows)]
            factors = [correction for correction in corrections for _ in product.columns]
            product.store(list(map(fma, before, factors, added)), sums, column)

        each(0, whole, blocking.panel_width, lambda column: add(column, blocking.panel_width))
        if whole < blocking.row_width:
            add(whole, blocking.row_width - whole)

    return noinline(function(values_name(blocking, stride), arguments, body))


class _Product:
    """`a . b` for all rows of `a`, and `width` columns of `b` in registers."""

    def __init__(
        self, blocking: Blocking, a: SSAValue, b: SSAValue, first_row: Size, width: int, first_column: Size = 0
    ):
        self.lanes, self.a, self.b, self.first_row = blocking.lanes, a, b, first_row
        self.rows = [Scalar(as_value(row)) for row in range(blocking.tile_rows)]
        self.columns = range(0, width, blocking.lanes)
        self.sources = [Scalar(as_value(first_column + column)) for column in self.columns]

    @property
    def zeros(self) -> list[Vector]:
        """Sums to begin with."""
        return [filled(0.0, self.lanes) for _ in self.rows for _ in self.columns]

    def accumulate(
        self, sums: list[Vector], first: Size, end: Size, meanwhile: Callable[[Scalar], None] = lambda _: None
    ) -> list[Vector]:
        """Add the products of columns `first : end` of `a` and the same rows of `b`."""
        whole = first + (end - first) // UNROLLED * UNROLLED

        def some(k: Scalar, carried: Carried) -> Carried:
            for step in range(UNROLLED):
                meanwhile(k + step)
                carried = self._step(k + step, carried)
            return carried

        carried = loop(first, whole, UNROLLED, [x.value for x in sums], some)
        if whole != end:
            carried = loop(whole, end, 1, carried, self._step)
        return [Vector(value) for value in carried]

    def load(self, c: SSAValue, column: Size) -> list[Vector]:
        """The tile of `c` that begins at a column."""
        return [load(c, [row, column + offset], self.lanes) for row in self.rows for offset in self.columns]

    def store(self, sums: list[Vector], c: SSAValue, column: Size) -> None:
        """Write the tile of `c` that begins at a column."""
        places = [(row, column + offset) for row in self.rows for offset in self.columns]
        for place, x in zip(places, sums, strict=True):
            store(x, c, place)

    def _step(self, k: Scalar, carried: Carried) -> Carried:
        b = [load(self.b, [self.first_row + k, column], self.lanes) for column in self.sources]
        before = iter(carried)
        after: list[SSAValue] = []
        for row in self.rows:
            a = broadcast(element(self.a, [row, k]), self.lanes)
            after.extend(fma(a, x, Vector(next(before))).value for x in b)
        return after
