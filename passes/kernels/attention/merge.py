"""The results of all threads, each of which has met other keys, as one."""

from __future__ import annotations

from collections.abc import Callable

from xdsl.dialects.builtin import f32

from rlxc.passes.kernels.attention.context import Context
from rlxc.passes.kernels.attention.few_workspace import FewWorkspace
from rlxc.passes.kernels.attention.rows import Place, Row, for_places
from rlxc.passes.kernels.attention.softmax import CORRECTION, LOWEST, MAXIMUM, SUM, exponential
from rlxc.passes.kernels.attention.workspace import STATISTICS
from rlxc.passes.kernels.vectors import Carried, Vector, broadcast, each, element, filled, loop, put
from rlxc.passes.lowering.scalars import Scalar, Size, constant, greater_float


class Merge:
    """The rows of the results, `[batch, query, head]`, are divided among the threads."""

    def __init__(self, context: Context, workspace: FewWorkspace):
        self.context, self.spec, self.blocking, self.workspace = context, context.spec, context.blocking, workspace
        self.memory = context.memory.workspace

    def run(self) -> None:
        """Write the rows of this thread."""
        context = self.context
        rows = context.batch * context.q_len * self.spec.num_heads
        thread, threads = context.thread, context.num_threads
        each(thread * rows // threads, (thread + 1) * rows // threads, 1, self.merge_row)

    def merge_row(self, number: Scalar) -> None:
        """Sum what the threads have summed, each multiplied by `exp(its maximum - maximum)`.

        The sum of weights is at least 1, the weight of the largest score, or 0 where there is no visible key.
        """
        heads = self.spec.num_heads
        place, q_len = number // heads, self.context.q_len
        batch = place // q_len
        head, query = number - place * heads, place - batch * q_len
        row = _PartialRow(self.workspace, batch, head, query, self.spec.group)
        factor = 1.0 / greater_float(self._correct(row, self._maximum(row)), 1.0)
        result = Row(self.context.memory.y, (batch, query), head * self.spec.head_dim)

        def write(column: Place) -> None:
            result.store(self._sum(row, column) * broadcast(factor, column.lanes), column)

        for_places(0, self.spec.head_dim, self.blocking.lanes, write)

    def _maximum(self, row: _PartialRow) -> Scalar:
        def step(thread: Scalar, before: Scalar) -> Scalar:
            return greater_float(before, self._statistic(row, thread, MAXIMUM))

        return self._over_threads(LOWEST, step)

    def _correct(self, row: _PartialRow, maximum: Scalar) -> Scalar:
        """Find the factor of each thread; the sum of weights."""

        def step(thread: Scalar, before: Scalar) -> Scalar:
            factor = exponential(self.spec, self._statistic(row, thread, MAXIMUM) - maximum)
            put(factor, self.memory, [row.statistic(thread, CORRECTION)])
            return before + factor * self._statistic(row, thread, SUM)

        return self._over_threads(0.0, step)

    def _sum(self, row: _PartialRow, column: Place) -> Vector:
        def step(thread: Scalar, carried: Carried) -> Carried:
            factor = broadcast(self._statistic(row, thread, CORRECTION), column.lanes)
            found = Row(self.memory, (), row.sums(thread)).load(column)
            return [(Vector(carried[0]) + found * factor).value]

        start = filled(0.0, column.lanes).value
        return Vector(loop(0, self.context.num_threads, 1, [start], step)[0])

    def _over_threads(self, start: float, step: Callable[[Scalar, Scalar], Scalar]) -> Scalar:
        def carried_step(thread: Scalar, carried: Carried) -> Carried:
            return [step(thread, Scalar(carried[0])).value]

        return Scalar(loop(0, self.context.num_threads, 1, [constant(start, f32).value], carried_step)[0])

    def _statistic(self, row: _PartialRow, thread: Scalar, which: int) -> Scalar:
        return element(self.memory, [row.statistic(thread, which)])


class _PartialRow:
    """Where the threads keep what they have found for one query and head."""

    def __init__(self, workspace: FewWorkspace, batch: Scalar, head: Scalar, query: Scalar, group: int):
        self.workspace, self.batch = workspace, batch
        self.kv_head = head // group
        self.row = query * group + (head - self.kv_head * group)

    def sums(self, thread: Scalar) -> Size:
        """The sums of a thread."""
        return self.workspace.sums(thread, self.batch, self.kv_head) + self.row * self.workspace.blocking.row_width

    def statistic(self, thread: Scalar, which: int) -> Size:
        """A statistic of a thread."""
        size = self.workspace.blocking.tile_rows
        tile = self.row // size
        offset = (tile * STATISTICS + which) * size + (self.row - tile * size)
        return self.workspace.statistics(thread, self.batch, self.kv_head) + offset
