"""The scores of a row tile straight from rows of keys: for keys that few queries meet."""

from __future__ import annotations

from math import gcd

from xdsl.dialects.builtin import IndexType
from xdsl.dialects.func import FuncOp
from xdsl.ir import SSAValue

from rlxc.passes.kernels.attention.blocking import Blocking
from rlxc.passes.kernels.attention.interleave import Interleaving
from rlxc.passes.kernels.attention.row_prefetch import RowPrefetch
from rlxc.passes.kernels.attention.workspace import ALIGNMENT
from rlxc.passes.kernels.vectors import (
    Carried,
    Vector,
    each,
    filled,
    fma,
    function,
    load,
    loop,
    noinline,
    shuffled,
    store,
    totals,
)
from rlxc.passes.kernels.views import rectangle, run_of_elements
from rlxc.passes.lowering.scalars import Scalar, Size, minimum

KEYS_AHEAD = 48
"""How long before it is needed a key is asked for: the time of so many products."""

SUMS_AT_ONCE = 8
"""So many sums do not wait for one another."""


def dots_name(blocking: Blocking) -> str:
    """The name of the function that computes the scores of a tile."""
    return f"rlxc_attention_dots_{blocking.tile_rows}x{blocking.keys}x{blocking.row_width}"


def dots_function(blocking: Blocking) -> FuncOp:
    """`scores[r, j] = queries[r] . keys[j]` for the keys `first : end` of a block. Rows are whole vectors.

    The queries are interleaved. Some scores after `end` become those of the last key.
    Meanwhile the values of these keys, and the keys after them, come closer. Values were asked for before, while
    those of the last block were added; but a processor ignores requests when it is still waiting for many.
    That bounds the bandwidth of a core: to ask in the order of memory, or for another level of the cache, is no faster.
    """
    rows, width = blocking.tile_rows, blocking.row_width
    arguments = (
        ("queries", run_of_elements(rows * width)),
        ("keys", rectangle(None, width, None)),
        ("values", rectangle(None, width, None)),
        ("scores", rectangle(rows, blocking.keys, blocking.keys)),
        ("first", IndexType()),
        ("end", IndexType()),
    )

    def body(queries: SSAValue, keys: SSAValue, values: SSAValue, scores: SSAValue, *ends: SSAValue) -> None:
        first, end = map(Scalar, ends)
        dots = _Dots(blocking, queries, keys, values, scores, end)
        each(first, end, dots.count, dots.compute)

    return noinline(function(dots_name(blocking), arguments, body))


class _Dots:
    """The products of all rows of a tile with `count` keys at once."""

    def __init__(
        self,
        blocking: Blocking,
        queries: SSAValue,
        keys: SSAValue,
        values: SSAValue,
        scores: SSAValue,
        end: Scalar,
    ):
        self.blocking, self.queries, self.keys, self.values = blocking, queries, keys, values
        self.scores, self.end = scores, end
        self.interleaving = Interleaving.of(blocking)
        self.row_blocks = range(0, blocking.tile_rows, self.interleaving.rows)
        groups = SUMS_AT_ONCE // (self.interleaving.width * len(self.row_blocks))
        self.count = self.interleaving.width * max(1, groups)

    def compute(self, first: Scalar) -> None:
        """The scores of the keys from `first` on. Meanwhile their values, and later keys, come closer."""
        keys = [minimum(first + i, self.end - 1) for i in range(self.count)]
        blocking, width = self.blocking, self.interleaving.width
        later, values = RowPrefetch(self.keys, 0), RowPrefetch(self.values, 0)
        line = max(width, gcd(blocking.row_width, ALIGNMENT))

        def multiply_line(column: Scalar, sums: Carried) -> Carried:
            for step in range(line // width):
                for i in range(step, self.count, line // width):
                    later.part(first + (KEYS_AHEAD + i), column, line)
                    values.part(first + i, column, line)
                sums = self._multiply(keys, column + step * width, sums)
            return sums

        zeros = [filled(0.0, blocking.lanes).value for _ in self.row_blocks for _ in keys]
        sums = [Vector(x) for x in loop(0, blocking.row_width, line, zeros, multiply_line)]
        for number in range(0, len(sums), width):
            block, key = divmod(number, self.count)
            self._store(totals(sums[number : number + width]), block * self.interleaving.rows, first + key)

    def _multiply(self, keys: list[Size], column: Scalar, sums: Carried) -> Carried:
        """Add the products of the components from `column` on that a vector holds."""
        width, lanes = self.interleaving.width, self.blocking.lanes
        repeated = [lane % width for lane in range(lanes)]
        loaded = [shuffled(load(self.keys, [key, column], width), repeated) for key in keys]
        queries = [load(self.queries, [self._offset(row, column)], lanes) for row in self.row_blocks]
        factors = [(query, key) for query in queries for key in loaded]
        return [fma(*pair, Vector(x)).value for pair, x in zip(factors, sums, strict=True)]

    def _offset(self, row: int, column: Scalar) -> Scalar:
        return column * self.interleaving.rows + row * self.blocking.row_width

    def _store(self, scores: Vector, first_row: int, key: Scalar) -> None:
        """Write the scores of some keys, row after row."""
        width = self.interleaving.width
        for row in range(self.interleaving.rows):
            part = shuffled(scores, range(row * width, (row + 1) * width))
            store(part, self.scores, [first_row + row, key])
