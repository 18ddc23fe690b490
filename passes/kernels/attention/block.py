"""A block of query positions of one key/value head against all keys that they see."""

from __future__ import annotations

from xdsl.dialects.builtin import f32
from xdsl.ir import SSAValue

from rlxc.passes.kernels.attention.adjust import adjust_name, hide_name
from rlxc.passes.kernels.attention.context import BlockMemory, Context, Head
from rlxc.passes.kernels.attention.keys import Keys, KeySource
from rlxc.passes.kernels.attention.prepare import copy_row, query_preparation
from rlxc.passes.kernels.attention.row_prefetch import RowPrefetch
from rlxc.passes.kernels.attention.rows import Place, Row
from rlxc.passes.kernels.attention.softmax import LOWEST, MAXIMUM, SUM, softmax_name, statistics_type
from rlxc.passes.kernels.attention.workspace import STATISTICS
from rlxc.passes.kernels.vectors import Vector, broadcast, call, each, element, put, when
from rlxc.passes.kernels.views import part, rectangle, run_of_elements
from rlxc.passes.lowering.scalars import Scalar, Size, all_of, as_value, constant, greater_float, maximum, minimum

POSITIONS_AHEAD = 16
"""How long before it is copied a query is asked for."""


class QueryBlock:
    """The rows of one block: `count` positions from query `first` on, times the heads of a group."""

    def __init__(self, context: Context, head: Head, first: Size, count: Size, memory: BlockMemory):
        self.context, self.head, self.first, self.memory = context, head, first, memory
        self.spec, self.blocking = context.spec, context.blocking
        self.rows = count * self.spec.group

    def begin(self) -> None:
        """Load the queries; no key has been met."""
        self.load_queries()
        self.clear_sums()

    def load_queries(self) -> None:
        """Copy the queries, multiplied and rotated; the rows after the last are zero."""
        group, width = self.spec.group, self.spec.head_dim
        later, results = (RowPrefetch(self._heads(x), width) for x in (self.context.memory.q, self.context.memory.y))

        def load_row(row: Scalar) -> None:
            query, column = self.query_of(row), self.column_of(row)
            position = row // group
            first = (row - position * group) * width
            later.row(position + POSITIONS_AHEAD, first)
            results.row(position, first)
            source = Row(self.context.memory.q, (self.head.batch, query), column)
            rotation = self.context.rotation(self.context.query_offset + query) if self.spec.n_rot else None
            self._clear_tail(row)
            preparation.copy(source, Row(self.memory.queries, (row,)), rotation)

        def clear_row(row: Scalar) -> None:
            Row(self.memory.queries, (row,)).clear(self.blocking.row_width, self.blocking.lanes)

        preparation = query_preparation(self.spec, self.blocking.lanes)
        each(0, self.rows, 1, load_row)
        each(self.rows, self.tiles * self.blocking.tile_rows, 1, clear_row)

    def clear_sums(self) -> None:
        """Begin with no key."""
        lowest, zero = constant(LOWEST, f32), constant(0.0, f32)

        def clear_tile(tile: Scalar) -> None:
            for row in range(self.blocking.tile_rows):
                put(lowest, self.memory.statistics, [tile * STATISTICS + MAXIMUM, row])
                put(zero, self.memory.statistics, [tile * STATISTICS + SUM, row])

        def clear_row(row: Scalar) -> None:
            Row(self.memory.sums, (row,)).clear(self.blocking.row_width, self.blocking.lanes)

        each(0, self.tiles, 1, clear_tile)
        each(0, self.tiles * self.blocking.tile_rows, 1, clear_row)

    def meet_keys(self, source: KeySource, start: Scalar, count: Size) -> None:
        """Let each tile meet those of `count` keys from `start` on that it sees."""
        each(0, self.tiles, 1, lambda tile: self.meet_keys_of_tile(source, start, count, tile))

    def meet_keys_of_tile(self, source: KeySource, start: Scalar, count: Size, tile: Scalar) -> None:
        """Let a tile meet those keys that it sees."""
        visibility, size = self.context.visibility, self.blocking.tile_rows
        earliest = self.query_of(tile * size)
        latest = self.query_of(minimum(tile * size + (size - 1), self.rows - 1))
        first = maximum(visibility.first(earliest) - start, 0)
        end = minimum(visibility.end(latest) - start, count)

        def meet() -> None:
            keys = Keys(start, first, end, self.blocking.lanes)
            source.score(self.tile_of(self.memory.queries, tile), self.memory.scores, keys)
            if self.spec.adjusts_scores:
                self.adjust_scores(source, tile, keys)
            inside = [
                visibility.first(latest) - start <= keys.vectors[0],
                visibility.end(earliest) - start >= keys.vectors[1],
            ]
            when(all_of(inside), lambda: None, lambda: self.hide_keys(tile, keys))
            self.add_values(source, tile, keys)

        when(end - first > 0, meet)

    def adjust_scores(self, source: KeySource, tile: Scalar, keys: Keys) -> None:
        """Softcap, bias and padding."""
        padding = [source.padding(keys)] if self.spec.padding else []

        def adjust(row: Scalar) -> None:
            bias = self._bias(self._inside(tile, row), keys)
            call(adjust_name(self.spec), self._scores_of(row), *padding, *bias, *map(as_value, keys.vectors))

        each(0, self.blocking.tile_rows, 1, adjust)

    def hide_keys(self, tile: Scalar, keys: Keys) -> None:
        """Let the scores of keys that a row does not see be minus infinity."""
        visibility = self.context.visibility

        def hide(row: Scalar) -> None:
            query = self.query_of(self._inside(tile, row))
            visible, hidden = visibility.first(query) - keys.start, visibility.end(query) - keys.start
            call(hide_name(self.blocking), self._scores_of(row), *map(as_value, (visible, hidden, *keys.vectors)))

        each(0, self.blocking.tile_rows, 1, hide)

    def add_values(self, source: KeySource, tile: Scalar, keys: Keys) -> None:
        """The softmax of the scores, and the values weighted by it."""
        rows, kind = self.blocking.tile_rows, statistics_type(self.blocking)
        statistics = part(self.memory.statistics, [tile * STATISTICS, 0], [STATISTICS, rows], kind)
        call(softmax_name(self.spec, self.blocking), self.memory.scores, statistics, *map(as_value, keys.vectors))
        source.add_values(self.memory.scores, self.tile_of(self.memory.sums, tile), statistics, keys)

    def store_row(self, row: Scalar) -> None:
        """Write one row of the results.

        The sum of weights is at least 1, the weight of the largest score, or 0 where there is no visible key.
        """
        tile = row // self.blocking.tile_rows
        weights = element(self.memory.statistics, [tile * STATISTICS + SUM, row - tile * self.blocking.tile_rows])
        factor = 1.0 / greater_float(weights, 1.0)

        def divide(x: Vector, _: Place) -> Vector:
            return x * broadcast(factor, x.lanes)

        destination = Row(self.context.memory.y, (self.head.batch, self.query_of(row)), self.column_of(row))
        columns = range(self.spec.head_dim)
        copy_row(Row(self.memory.sums, (row,)), destination, columns, self.blocking.lanes, divide)

    @property
    def tiles(self) -> Size:
        """The number of tiles."""
        return (self.rows + (self.blocking.tile_rows - 1)) // self.blocking.tile_rows

    def query_of(self, row: Size) -> Size:
        """The query to which a row belongs."""
        return self.first + row // self.spec.group

    def head_of(self, row: Scalar) -> Scalar:
        """The query head to which a row belongs."""
        group = self.spec.group
        return self.head.kv_head * group + (row - row // group * group)

    def column_of(self, row: Scalar) -> Scalar:
        """Where the head of a row begins, in `q` and `y`."""
        return self.head_of(row) * self.spec.head_dim

    def tile_of(self, rows: SSAValue, tile: Scalar) -> SSAValue:
        """The queries or the sums of a tile: `[tile_rows, row_width]`."""
        count, width = self.blocking.tile_rows, self.blocking.row_width
        return part(rows, [tile * count, 0], [count, width], rectangle(count, width, width))

    def _inside(self, tile: Scalar, row: Scalar) -> Size:
        """A row of a tile, counted from the first of the block; those after the last stand for it."""
        return minimum(tile * self.blocking.tile_rows + row, self.rows - 1)

    def _heads(self, array: SSAValue) -> SSAValue:
        """The part of `q` or `y` that belongs to the rows of this block."""
        width = self.spec.group * self.spec.head_dim
        place = [self.head.batch, self.first, self.head.kv_head * width]
        count = self.rows // self.spec.group
        return part(array, place, [1, count, width], rectangle(None, width, None))

    def _scores_of(self, row: Scalar) -> SSAValue:
        return part(self.memory.scores, [row, 0], [1, self.blocking.keys], run_of_elements(self.blocking.keys))

    def _bias(self, row: Size, keys: Keys) -> list[SSAValue]:
        bias = self.context.memory.bias
        if bias is None:
            return []
        assert isinstance(row, Scalar)
        head = 0 if self.spec.bias_heads == 1 else self.head_of(row)
        length = minimum(self.context.kv_len - keys.start, self.blocking.keys)
        place = [self.head.batch, head, self.query_of(row), keys.start]
        return [part(bias, place, [1, 1, 1, length], run_of_elements())]

    def _clear_tail(self, row: Scalar) -> None:
        if self.blocking.row_width > self.blocking.head_dim:
            Row(self.memory.queries, (row,)).clear(self.blocking.row_width, self.blocking.lanes)
