"""From scores to weights, with a maximum and a sum that grow block by block (Milakov, Gimelshein 2018)."""

from __future__ import annotations

from collections.abc import Callable

from xdsl.dialects.builtin import Float32Type, IndexType, MemRefType
from xdsl.dialects.func import FuncOp
from xdsl.ir import SSAValue

from rlxc.passes.kernels.attention.blocking import Blocking
from rlxc.passes.kernels.attention.spec import AttentionSpec
from rlxc.passes.kernels.attention.workspace import STATISTICS
from rlxc.passes.kernels.polynomials.exponential import exp2_below_one
from rlxc.passes.kernels.polynomials.lanes import Floats
from rlxc.passes.kernels.vectors import (
    Carried,
    Vector,
    broadcast,
    element,
    exp,
    filled,
    function,
    highest,
    largest,
    load,
    loop,
    noinline,
    put,
    store,
    total,
)
from rlxc.passes.kernels.views import rectangle
from rlxc.passes.lowering import scalars
from rlxc.passes.lowering.scalars import Scalar, greater_float

MAXIMUM, SUM, CORRECTION = range(STATISTICS)
"""The rows of the statistics of a tile."""

LOWEST = -3.4028234663852886e38
"""The lowest finite number, from which maxima begin: what is subtracted from scores is always finite."""


def statistics_type(blocking: Blocking) -> MemRefType[Float32Type]:
    """The statistics of a tile."""
    return rectangle(STATISTICS, blocking.tile_rows, blocking.tile_rows)


def exponential(spec: AttentionSpec, x: Scalar) -> Scalar:
    """By what a weight is multiplied where its score grows by `x`, which is not above 0."""
    return Scalar(exp2_below_one(Floats(x.value)).value) if spec.in_base_two else scalars.exp(x)


def softmax_name(spec: AttentionSpec, blocking: Blocking) -> str:
    """The name of the function for one tile."""
    return f"rlxc_attention_softmax_{'2' if spec.in_base_two else 'e'}_{blocking.tile_rows}x{blocking.keys}"


def softmax_function(spec: AttentionSpec, blocking: Blocking) -> FuncOp:
    """`scores = exp(scores - maximum)` for the keys `first : end` of a block, with the maximum of all blocks so far.

    What was summed before has to be multiplied by `correction = exp(maximum before - maximum)`. A
    score of minus infinity gives 0, even where there is no other.
    """
    arguments = (
        ("scores", rectangle(blocking.tile_rows, blocking.keys, blocking.keys)),
        ("statistics", statistics_type(blocking)),
        ("first", IndexType()),
        ("end", IndexType()),
    )

    def body(scores: SSAValue, statistics: SSAValue, first: SSAValue, end: SSAValue) -> None:
        tile = _Tile(spec, blocking, scores, Scalar(first), Scalar(end))
        maxima = tile.update_maxima(statistics)
        tile.update_sums(statistics, tile.exponentials(maxima))

    return noinline(function(softmax_name(spec, blocking), arguments, body))


class _Tile:
    """The scores of all rows of a tile, which are worked on together: each operation waits for the one before."""

    def __init__(self, spec: AttentionSpec, blocking: Blocking, scores: SSAValue, first: Scalar, end: Scalar):
        self.spec, self.lanes = spec, blocking.lanes
        self.rows = range(blocking.tile_rows)
        self.scores, self.first, self.end = scores, first, end

    def update_maxima(self, statistics: SSAValue) -> list[Scalar]:
        """Find the maximum of each row, and by what to correct the sums so far."""

        def step(key: Scalar, carried: Carried) -> Carried:
            return [highest(Vector(x), self._load(row, key)).value for row, x in zip(self.rows, carried, strict=True)]

        found = self._for_keys(LOWEST, step)
        return [self._update_maximum(statistics, row, largest(x)) for row, x in zip(self.rows, found, strict=True)]

    def exponentials(self, maxima: list[Scalar]) -> list[Scalar]:
        """Replace scores by weights; the sum of each row."""
        shifts = [broadcast(maximum, self.lanes) for maximum in maxima]

        def step(key: Scalar, carried: Carried) -> Carried:
            weights = [self._exp(self._load(row, key) - shifts[row]) for row in self.rows]
            for row, weight in zip(self.rows, weights, strict=True):
                store(weight, self.scores, [row, key])
            return [(Vector(x) + weight).value for x, weight in zip(carried, weights, strict=True)]

        return [total(x) for x in self._for_keys(0.0, step)]

    def update_sums(self, statistics: SSAValue, sums: list[Scalar]) -> None:
        """Add to the sums so far."""
        for row, added in zip(self.rows, sums, strict=True):
            before, correction = element(statistics, [SUM, row]), element(statistics, [CORRECTION, row])
            put(before * correction + added, statistics, [SUM, row])

    def _for_keys(self, start: float, step: Callable[[Scalar, Carried], Carried]) -> list[Vector]:
        starts = [filled(start, self.lanes).value for _ in self.rows]
        return [Vector(value) for value in loop(self.first, self.end, self.lanes, starts, step)]

    def _update_maximum(self, statistics: SSAValue, row: int, found: Scalar) -> Scalar:
        before = element(statistics, [MAXIMUM, row])
        maximum = greater_float(found, before)
        put(maximum, statistics, [MAXIMUM, row])
        put(exponential(self.spec, before - maximum), statistics, [CORRECTION, row])
        return maximum

    def _load(self, row: int, key: Scalar) -> Vector:
        return load(self.scores, [row, key], self.lanes)

    def _exp(self, x: Vector) -> Vector:
        return Vector(exp2_below_one(Floats(x.value)).value) if self.spec.in_base_two else exp(x)
