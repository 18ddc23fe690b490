"""The scores of a row tile straight from rows of keys: for keys that few queries meet."""

from __future__ import annotations

from xdsl.dialects.builtin import IndexType
from xdsl.dialects.func import FuncOp
from xdsl.ir import SSAValue

from rlxc.passes.kernels.attention.blocking import Blocking
from rlxc.passes.kernels.attention.row_prefetch import RowPrefetch
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
    put,
    shuffled,
    store,
    total,
    totals,
)
from rlxc.passes.kernels.views import rectangle
from rlxc.passes.lowering.scalars import Scalar, as_value

KEYS_AHEAD = 48
"""How long before it is needed a key is asked for: the time of so many products."""


def dots_name(blocking: Blocking) -> str:
    """The name of the function that computes the scores of a tile."""
    return f"rlxc_attention_dots_{blocking.tile_rows}x{blocking.keys}x{blocking.row_width}"


def dots_function(blocking: Blocking) -> FuncOp:
    """`scores[r, j] = queries[r] . keys[j]` for the keys `first : end` of a block. Rows are whole vectors.

    Meanwhile the values of these keys, and the keys after them, come closer. Values were asked for before, while
    those of the last block were added; but a processor ignores requests when it is still waiting for many.
    """
    rows, width = blocking.tile_rows, blocking.row_width
    arguments = (
        ("queries", rectangle(rows, width, width)),
        ("keys", rectangle(None, width, None)),
        ("values", rectangle(None, width, None)),
        ("scores", rectangle(rows, blocking.keys, blocking.keys)),
        ("first", IndexType()),
        ("end", IndexType()),
    )

    def body(queries: SSAValue, keys: SSAValue, values: SSAValue, scores: SSAValue, *ends: SSAValue) -> None:
        first, end = map(Scalar, ends)
        later_keys, values_of_keys = RowPrefetch(keys, width), RowPrefetch(values, width)

        def compute(key: Scalar, count: int) -> None:
            for i in range(count):
                later_keys.row(key + (KEYS_AHEAD + i))
                values_of_keys.row(key + i)
            dots.compute(key, count)

        count = keys_at_once(blocking)
        whole = first + (end - first) // count * count
        dots = _Dots(blocking, queries, keys, scores)
        each(first, whole, count, lambda key: compute(key, count))
        each(whole, end, 1, lambda key: compute(key, 1))

    return noinline(function(dots_name(blocking), arguments, body))


def keys_at_once(blocking: Blocking) -> int:
    """So many that all rows of a tile have a vector of scores together, and enough not to wait for one another."""
    return max(2, blocking.lanes // blocking.tile_rows)


class _Dots:
    """The products of all rows of a tile with some keys."""

    def __init__(self, blocking: Blocking, queries: SSAValue, keys: SSAValue, scores: SSAValue):
        self.blocking, self.queries, self.keys, self.scores = blocking, queries, keys, scores
        self.rows = [Scalar(as_value(row)) for row in range(blocking.tile_rows)]

    def compute(self, first: Scalar, count: int) -> None:
        """The scores of `count` keys from `first` on."""
        keys, lanes = [first + i for i in range(count)], self.blocking.lanes
        places = [(row, key) for row in self.rows for key in keys]

        def step(column: Scalar, carried: Carried) -> Carried:
            queries = [load(self.queries, [row, column], lanes) for row in self.rows]
            loaded = [load(self.keys, [key, column], lanes) for key in keys]
            factors = [(query, key) for query in queries for key in loaded]
            return [fma(*pair, Vector(x)).value for pair, x in zip(factors, carried, strict=True)]

        zeros = [filled(0.0, lanes).value for _ in places]
        sums = [Vector(x) for x in loop(0, self.blocking.row_width, lanes, zeros, step)]
        if lanes % count == 0 and len(sums) % lanes == 0:
            self._put_together(sums, first, count)
        else:
            for place, x in zip(places, sums, strict=True):
                put(total(x), self.scores, place)

    def _put_together(self, sums: list[Vector], first: Scalar, count: int) -> None:
        """Write the totals of the sums, `count` for each row, a vector of them at a time."""
        rows = iter(self.rows)
        for start in range(0, len(sums), self.blocking.lanes):
            of_rows = totals(sums[start : start + self.blocking.lanes])
            for lane in range(0, of_rows.lanes, count):
                store(shuffled(of_rows, range(lane, lane + count)), self.scores, [next(rows), first])
