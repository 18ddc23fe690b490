"""Few queries, as in decoding: every key is read once, from where it lies, so that memory sets the pace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from rlxc.passes.kernels.attention.block import QueryBlock
from rlxc.passes.kernels.attention.blocking import KEYS_FOR_FEW
from rlxc.passes.kernels.attention.context import BlockMemory, Context, Head
from rlxc.passes.kernels.attention.few_workspace import FewWorkspace
from rlxc.passes.kernels.attention.interleave import interleave_name
from rlxc.passes.kernels.attention.merge import Merge
from rlxc.passes.kernels.attention.padding import store_padding
from rlxc.passes.kernels.attention.plain_keys import PlainKeys
from rlxc.passes.kernels.attention.workspace import STATISTICS
from rlxc.passes.kernels.barrier import call_barrier
from rlxc.passes.kernels.vectors import call, each
from rlxc.passes.kernels.views import flattened, rows_at
from rlxc.passes.lowering.scalars import Scalar, Size, maximum, minimum


class FewQueries:
    """Each thread lets all queries meet its part of the keys, then merges what all threads found for its rows.

    The keys of all heads lie side by side, so that a thread reads one contiguous part of memory.
    """

    def __init__(self, context: Context):
        self.context, self.blocking = context, context.blocking
        self.workspace = FewWorkspace(context.spec, context.blocking, context.batch, context.q_len, context.num_threads)

    def run(self) -> None:
        """Compute all results."""
        context = self.context
        each(0, context.batch, 1, self.meet_keys)
        call_barrier(context.memory.barrier, context.memory.num_threads)
        Merge(context, self.workspace).run()

    def meet_keys(self, batch: Scalar) -> None:
        """Let the queries of a batch meet the keys of this thread."""
        first, end = self.share()
        width = min(KEYS_FOR_FEW, self.blocking.keys)
        self.for_heads(batch, self.begin)
        each(first, end, width, lambda start: self.meet_block(batch, start, minimum(end - start, width)))

    def begin(self, block: QueryBlock) -> None:
        """Load and interleave the queries; no key has been met. Before, the memory of the sums holds them."""
        rows = replace(block.memory, queries=block.memory.sums)
        QueryBlock(self.context, block.head, block.first, self.context.q_len, rows).load_queries()

        def interleave(tile: Scalar) -> None:
            loaded, interleaved = (block.tile_of(x, tile) for x in (rows.queries, block.memory.queries))
            count = self.blocking.tile_rows * self.blocking.row_width
            call(interleave_name(self.blocking), loaded, flattened(interleaved, count))

        each(0, block.tiles, 1, interleave)
        block.clear_sums()

    def meet_block(self, batch: Scalar, start: Scalar, count: Size) -> None:
        """Let the queries of all heads meet a block of keys."""
        context = self.context
        if context.spec.padding:
            store_padding(context, batch, start, count, self.workspace.padding(context.thread))

        def meet(block: QueryBlock) -> None:
            source = PlainKeys(context, self.workspace, block.head, start, count)
            block.meet_keys(source, start, count)

        self.for_heads(batch, meet)

    def for_heads(self, batch: Scalar, body: Callable[[QueryBlock], None]) -> None:
        """Call `body` for the queries of each key/value head of a batch."""
        heads = self.context.spec.num_kv_heads

        def visit(kv_head: Scalar) -> None:
            head = Head(batch, kv_head, batch * heads + kv_head)
            body(QueryBlock(self.context, head, 0, self.context.q_len, self.memory(head)))

        each(0, heads, 1, visit)

    def memory(self, head: Head) -> BlockMemory:
        """What this thread keeps of a head."""
        workspace, memory, thread = self.workspace, self.context.memory.workspace, self.context.thread
        rows, width, tile = workspace.rows, self.blocking.row_width, self.blocking.tile_rows
        place = (thread, head.batch, head.kv_head)
        return BlockMemory(
            rows_at(memory, workspace.queries(thread, head.kv_head), rows, width),
            rows_at(memory, workspace.sums(*place), rows, width),
            rows_at(memory, workspace.statistics(*place), workspace.tiles * STATISTICS, tile),
            rows_at(memory, workspace.scores(thread), tile, self.blocking.keys),
        )

    def share(self) -> tuple[Size, Size]:
        """The keys of this thread: those that any query sees, divided in whole vectors."""
        context, lanes = self.context, self.blocking.lanes
        first, end = context.visibility.first(0), context.visibility.end(context.q_len - 1)
        vectors = (maximum(end - first, 0) + (lanes - 1)) // lanes

        def boundary(thread: Scalar) -> Size:
            return first + thread * vectors // context.num_threads * lanes

        return boundary(context.thread), minimum(boundary(context.thread + 1), end)
