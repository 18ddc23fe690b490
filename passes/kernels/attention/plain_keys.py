"""Keys and values where they lie, of which only what has to be changed is copied."""

from __future__ import annotations

from xdsl.dialects import memref
from xdsl.ir import SSAValue

from rlxc.passes.kernels.attention.context import Context, Head
from rlxc.passes.kernels.attention.dots import KEYS_AHEAD, dots_name
from rlxc.passes.kernels.attention.few_workspace import FewWorkspace
from rlxc.passes.kernels.attention.keys import Keys
from rlxc.passes.kernels.attention.prepare import copy_row, key_preparation
from rlxc.passes.kernels.attention.row_prefetch import RowPrefetch
from rlxc.passes.kernels.attention.rows import Row
from rlxc.passes.kernels.attention.tile import values_name
from rlxc.passes.kernels.vectors import call, each
from rlxc.passes.kernels.views import flattened, part, rectangle, rows_at, run_of_elements
from rlxc.passes.lowering.scalars import Scalar, Size, as_value


class PlainKeys:
    """`count` keys and values of one head from `start` on."""

    def __init__(self, context: Context, workspace: FewWorkspace, head: Head, start: Scalar, count: Size):
        self.context, self.blocking, self.workspace, self.head = context, context.blocking, workspace, head
        self.start, self.count = start, count
        memory, thread = context.memory, context.thread
        is_cut = self.blocking.row_width > self.blocking.head_dim
        copies_keys = is_cut or context.spec.prepares_keys
        self.keys = self._copy(workspace.keys(thread)) if copies_keys else self._in_place(memory.k)
        self.values = self._copy(workspace.values(thread)) if is_cut else self._in_place(memory.values)
        if copies_keys:
            self.copy_keys()
        if is_cut:
            self.copy_values()

    def score(self, queries: SSAValue, scores: SSAValue, keys: Keys) -> None:
        """See `KeySource`."""
        queries = flattened(queries, self.blocking.tile_rows * self.blocking.row_width)
        call(dots_name(self.blocking), queries, self.keys, self.values, scores, *map(as_value, (keys.first, keys.end)))

    def add_values(self, weights: SSAValue, sums: SSAValue, statistics: SSAValue, keys: Keys) -> None:
        """See `KeySource`."""
        ends = map(as_value, (keys.first, keys.end))
        call(values_name(self.blocking, None), weights, self.values, sums, statistics, *ends)

    def padding(self, keys: Keys) -> SSAValue:
        """See `KeySource`."""
        offset = self.workspace.padding(self.context.thread)
        return part(self.context.memory.workspace, [offset], [keys.vectors[1]], run_of_elements())

    def copy_keys(self) -> None:
        """Multiply and rotate the keys."""
        preparation = key_preparation(self.context.spec, self.blocking.lanes, self.context.memory.k_gain)
        later = RowPrefetch(self._in_place(self.context.memory.k), self.blocking.head_dim)

        def copy(row: Scalar) -> None:
            later.row(row + KEYS_AHEAD)
            destination, rotation = self._cleared(self.keys, row), self.context.rotation(self.start + row)
            preparation.copy(self._source(self.context.memory.k, row), destination, rotation)

        each(0, self.count, 1, copy)

    def copy_values(self) -> None:
        """Bring the values into whole vectors."""

        def copy(row: Scalar) -> None:
            destination = self._cleared(self.values, row)
            columns = range(self.blocking.head_dim)
            copy_row(self._source(self.context.memory.values, row), destination, columns, self.blocking.lanes)

        each(0, self.count, 1, copy)

    def _source(self, array: SSAValue, row: Scalar) -> Row:
        return Row(array, (self.head.batch, self.start + row), self.head.kv_head * self.blocking.head_dim)

    def _cleared(self, copies: SSAValue, row: Scalar) -> Row:
        destination = Row(copies, (row,))
        if self.blocking.row_width > self.blocking.head_dim:
            destination.clear(self.blocking.row_width, self.blocking.lanes)
        return destination

    def _in_place(self, array: SSAValue) -> SSAValue:
        width = self.blocking.head_dim
        place = [self.head.batch, self.start, self.head.kv_head * width]
        return part(array, place, [1, self.count, width], rectangle(None, width, None))

    def _copy(self, offset: Size) -> SSAValue:
        width = self.blocking.row_width
        rows = rows_at(self.context.memory.workspace, offset, self.blocking.keys, width)
        return memref.CastOp.get(rows, rectangle(None, width, None)).dest
