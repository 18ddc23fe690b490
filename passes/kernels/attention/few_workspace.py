"""What each thread keeps where there are few queries."""

from __future__ import annotations

from rlxc.passes.kernels.attention.blocking import Blocking
from rlxc.passes.kernels.attention.spec import AttentionSpec
from rlxc.passes.kernels.attention.workspace import STATISTICS, aligned
from rlxc.passes.lowering.scalars import Size


class FewWorkspace:
    """The parts of the workspace, by their offsets in elements.

    Of each thread and batch the sums `[head, row, row_width]` and statistics `[head, tile, 3, tile_rows]` over
    its keys; then of each thread the queries `[head, row, row_width]`, the scores of one tile, and copies of the
    keys, values and padding of a block.
    """

    def __init__(self, spec: AttentionSpec, blocking: Blocking, batch: Size, q_len: Size, threads: Size):
        self.blocking, self.batch, self.kv_heads = blocking, batch, spec.num_kv_heads
        tile = blocking.tile_rows
        self.tiles = (q_len * spec.group + (tile - 1)) // tile
        """Tiles of one key/value head."""
        self.rows = self.tiles * tile
        """Rows of one key/value head."""
        self._of_head = self.rows * blocking.row_width
        heads = batch * threads * spec.num_kv_heads
        self._statistics = heads * self._of_head
        self._threads = aligned(self._statistics + heads * self.rows * STATISTICS)
        self._scores = self._of_head * spec.num_kv_heads
        self._keys = self._scores + aligned(tile * blocking.keys)
        self._values = self._keys + blocking.keys * blocking.row_width
        self._padding = self._values + blocking.keys * blocking.row_width
        self._of_thread = self._padding + aligned(blocking.keys)
        self.size = self._threads + threads * self._of_thread
        """The size of all."""

    def sums(self, thread: Size, batch: Size, kv_head: Size) -> Size:
        """The sums of a head."""
        return self._number(thread, batch, kv_head) * self._of_head

    def statistics(self, thread: Size, batch: Size, kv_head: Size) -> Size:
        """The statistics of a head."""
        return self._statistics + self._number(thread, batch, kv_head) * (self.rows * STATISTICS)

    def queries(self, thread: Size, kv_head: Size) -> Size:
        """The queries of a head."""
        return self._of(thread) + kv_head * self._of_head

    def scores(self, thread: Size) -> Size:
        """The scores of one tile."""
        return self._of(thread) + self._scores

    def keys(self, thread: Size) -> Size:
        """Copies of the keys of a block."""
        return self._of(thread) + self._keys

    def values(self, thread: Size) -> Size:
        """Copies of the values of a block."""
        return self._of(thread) + self._values

    def padding(self, thread: Size) -> Size:
        """What padding adds to the scores of a block."""
        return self._of(thread) + self._padding

    def _number(self, thread: Size, batch: Size, kv_head: Size) -> Size:
        return (thread * self.batch + batch) * self.kv_heads + kv_head

    def _of(self, thread: Size) -> Size:
        return self._threads + thread * self._of_thread
