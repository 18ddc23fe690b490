"""A block of query positions of one key/value head against all keys that they see."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.dialects.builtin import f32
from xdsl.ir import SSAValue

from rlxc.passes.kernels.attention.adjust import adjust_name, hide_name
from rlxc.passes.kernels.attention.context import Context, Head
from rlxc.passes.kernels.attention.prepare import RowPreparation, copy_row
from rlxc.passes.kernels.attention.rows import Place, Row
from rlxc.passes.kernels.attention.softmax import LOWEST, MAXIMUM, SUM, softmax_name
from rlxc.passes.kernels.attention.tile import scores_name, values_name
from rlxc.passes.kernels.attention.workspace import STATISTICS
from rlxc.passes.kernels.vectors import Vector, broadcast, call, each, element, put, when
from rlxc.passes.kernels.views import part, rectangle, run_of_elements
from rlxc.passes.lowering.scalars import Scalar, Size, all_of, as_value, constant, greater_float, maximum, minimum


@dataclass(frozen=True)
class Keys:
    """The keys `first : end` of a block that begins at `start`, counted from there; both are ends of vectors."""

    start: Scalar
    first: Scalar
    end: Scalar


class QueryBlock:
    """The rows of one block: `count` positions from query `first` on, times the heads of a group."""

    def __init__(self, context: Context, head: Head, first: Scalar, count: Size):
        self.context, self.head, self.first = context, head, first
        self.spec, self.blocking = context.spec, context.blocking
        self.rows = count * self.spec.group
        self.queries, self.sums = context.queries(), context.sums()
        self.statistics, self.scores = context.statistics(), context.scores()

    def run(self) -> None:
        """Compute the results of the block."""
        self.load_queries()
        self.clear_sums()
        visibility, width = self.context.visibility, self.blocking.keys
        first, end = visibility.first(self.query_of(0)), visibility.end(self.query_of(self.rows - 1))
        each(first // width * width, end, width, self.meet_keys)
        each(0, self.rows, 1, self.store_row)

    def load_queries(self) -> None:
        """Copy the queries, multiplied and rotated; the rows after the last are zero."""

        def load_row(row: Scalar) -> None:
            query, column = self.query_of(row), self.column_of(row)
            source = Row(self.context.memory.q, (self.head.batch, query), column)
            rotation = self.context.rotation(self.context.query_offset + query) if self.spec.n_rot else None
            self._clear_tail(row)
            preparation.copy(source, Row(self.queries, (row,)), rotation)

        def clear_row(row: Scalar) -> None:
            Row(self.queries, (row,)).clear(self.blocking.row_width, self.blocking.lanes)

        preparation = RowPreparation(self.spec, self.blocking.lanes, lambda x, _: x * self.spec.query_factor)
        each(0, self.rows, 1, load_row)
        each(self.rows, self.tiles * self.blocking.tile_rows, 1, clear_row)

    def clear_sums(self) -> None:
        """Begin with no key."""
        lowest, zero = constant(LOWEST, f32), constant(0.0, f32)

        def clear_tile(tile: Scalar) -> None:
            for row in range(self.blocking.tile_rows):
                put(lowest, self.statistics, [tile * STATISTICS + MAXIMUM, row])
                put(zero, self.statistics, [tile * STATISTICS + SUM, row])

        def clear_row(row: Scalar) -> None:
            Row(self.sums, (row,)).clear(self.blocking.row_width, self.blocking.lanes)

        each(0, self.tiles, 1, clear_tile)
        each(0, self.tiles * self.blocking.tile_rows, 1, clear_row)

    def meet_keys(self, start: Scalar) -> None:
        """Let each tile meet the keys of a block that it sees."""
        each(0, self.tiles, 1, lambda tile: self.meet_keys_of_tile(start, tile))

    def meet_keys_of_tile(self, start: Scalar, tile: Scalar) -> None:
        """Let a tile meet the keys of a block that it sees."""
        visibility, size = self.context.visibility, self.blocking.tile_rows
        earliest = self.query_of(tile * size)
        latest = self.query_of(minimum(tile * size + (size - 1), self.rows - 1))
        first = maximum(visibility.first(earliest) - start, 0)
        end = minimum(visibility.end(latest) - start, self.blocking.keys)

        def meet() -> None:
            keys = self._whole_vectors(start, first, end)
            self.compute_scores(tile, keys)
            self.adjust_scores(tile, keys)
            inside = [visibility.first(latest) - start <= keys.first, visibility.end(earliest) - start >= keys.end]
            when(all_of(inside), lambda: None, lambda: self.hide_keys(tile, keys))
            self.add_values(tile, keys)

        when(end - first > 0, meet)

    def compute_scores(self, tile: Scalar, keys: Keys) -> None:
        """The products of queries and keys, in whole panels."""
        width, depth = self.blocking.panel_width, self.blocking.head_dim
        rows = self.blocking.keys // width * depth
        kind = rectangle(None, width, width)
        count = minimum(rows, self.context.workspace.panels * depth - keys.start // width * depth)
        panels = part(self.context.panels(self.head), [keys.start // width * depth, 0], [count, width], kind)
        first, end = keys.first // width, (keys.end + (width - 1)) // width
        call(
            scores_name(self.blocking),
            self._tile(self.queries, tile),
            panels,
            self.scores,
            *map(as_value, (first, end)),
        )

    def adjust_scores(self, tile: Scalar, keys: Keys) -> None:
        """Softcap, bias and padding."""
        if not self.spec.adjusts_scores:
            return

        def adjust(row: Scalar) -> None:
            added = [*self._padding(keys), *self._bias(self._inside(tile, row), keys)]
            call(adjust_name(self.spec), self._scores_of(row), *added, *map(as_value, (keys.first, keys.end)))

        each(0, self.blocking.tile_rows, 1, adjust)

    def hide_keys(self, tile: Scalar, keys: Keys) -> None:
        """Let the scores of keys that a row does not see be minus infinity."""
        visibility = self.context.visibility

        def hide(row: Scalar) -> None:
            query = self.query_of(self._inside(tile, row))
            visible, hidden = visibility.first(query) - keys.start, visibility.end(query) - keys.start
            call(
                hide_name(self.blocking), self._scores_of(row), *map(as_value, (visible, hidden, keys.first, keys.end))
            )

        each(0, self.blocking.tile_rows, 1, hide)

    def add_values(self, tile: Scalar, keys: Keys) -> None:
        """The softmax of the scores, and the values weighted by it."""
        rows, width = self.blocking.tile_rows, self.blocking.row_width
        statistics = part(
            self.statistics, [tile * STATISTICS, 0], [STATISTICS, rows], rectangle(STATISTICS, rows, rows)
        )
        ends = [as_value(keys.first), as_value(keys.end)]
        call(softmax_name(self.spec, self.blocking), self.scores, statistics, *ends)
        values = part(self.context.values(self.head), [keys.start, 0], [keys.end, width], rectangle(None, width, width))
        call(values_name(self.blocking), self.scores, values, self._tile(self.sums, tile), statistics, *ends)

    def store_row(self, row: Scalar) -> None:
        """Write one row of the results.

        The sum of weights is at least 1, the weight of the largest score, or 0 where there is no visible key.
        """
        tile = row // self.blocking.tile_rows
        weights = element(self.statistics, [tile * STATISTICS + SUM, row - tile * self.blocking.tile_rows])
        factor = 1.0 / greater_float(weights, 1.0)

        def divide(x: Vector, _: Place) -> Vector:
            return x * broadcast(factor, x.lanes)

        destination = Row(self.context.memory.y, (self.head.batch, self.query_of(row)), self.column_of(row))
        columns = range(self.spec.head_dim)
        copy_row(Row(self.sums, (row,)), destination, columns, self.blocking.lanes, divide)

    @property
    def tiles(self) -> Size:
        """The number of tiles."""
        return (self.rows + (self.blocking.tile_rows - 1)) // self.blocking.tile_rows

    def query_of(self, row: Size) -> Scalar:
        """The query to which a row belongs."""
        return self.first + row // self.spec.group

    def head_of(self, row: Scalar) -> Scalar:
        """The query head to which a row belongs."""
        group = self.spec.group
        return self.head.kv_head * group + (row - row // group * group)

    def column_of(self, row: Scalar) -> Scalar:
        """Where the head of a row begins, in `q` and `y`."""
        return self.head_of(row) * self.spec.head_dim

    def _inside(self, tile: Scalar, row: Scalar) -> Size:
        """A row of a tile, counted from the first of the block; those after the last stand for it."""
        return minimum(tile * self.blocking.tile_rows + row, self.rows - 1)

    def _whole_vectors(self, start: Scalar, first: Size, end: Size) -> Keys:
        lanes = self.blocking.lanes
        first, end = first // lanes * lanes, (end + (lanes - 1)) // lanes * lanes
        assert isinstance(first, Scalar)
        assert isinstance(end, Scalar)
        return Keys(start, first, end)

    def _tile(self, rows: SSAValue, tile: Scalar) -> SSAValue:
        count, width = self.blocking.tile_rows, self.blocking.row_width
        return part(rows, [tile * count, 0], [count, width], rectangle(count, width, width))

    def _scores_of(self, row: Scalar) -> SSAValue:
        return part(self.scores, [row, 0], [1, self.blocking.keys], run_of_elements(self.blocking.keys))

    def _padding(self, keys: Keys) -> list[SSAValue]:
        if not self.spec.padding:
            return []
        offset = self.context.workspace.padding_of(self.head.batch, keys.start)
        return [part(self.context.memory.workspace, [offset], [keys.end], run_of_elements())]

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
            Row(self.queries, (row,)).clear(self.blocking.row_width, self.blocking.lanes)
