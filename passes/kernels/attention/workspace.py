"""Where packed keys and values lie, and what each thread keeps of its block."""

from __future__ import annotations

from rlxc.passes.kernels.attention.blocking import Blocking
from rlxc.passes.kernels.attention.spec import AttentionSpec
from rlxc.passes.lowering.scalars import Size

STATISTICS = 3
"""What is kept of each row: the maximum of its scores, the sum of their exponentials, and the last correction."""

ALIGNMENT = 16
"""Elements of a cache line."""


class Workspace:
    """The parts of the workspace, by their offsets in elements.

    For all threads: the panels of keys `[head, panel, head_dim, panel_width]`, the values
    `[head, key, row_width]`, and what padding adds to scores, `[batch, key]`. For each thread: the
    queries and sums of its block `[row, row_width]`, the statistics `[tile, 3, tile_rows]`, the scores of
    one tile `[tile_rows, keys]`, and the keys of one panel before they are transposed.
    """

    def __init__(self, spec: AttentionSpec, blocking: Blocking, batch: Size, kv_len: Size):
        self.blocking = blocking
        heads, width = batch * spec.num_kv_heads, blocking.panel_width
        self.panels = (kv_len + (width - 1)) // width
        """Panels of the keys of one head."""
        self.padded_keys = self.panels * width
        """The keys of whole panels."""
        keys_of_heads = heads * self.padded_keys
        self._values = aligned(keys_of_heads * blocking.head_dim)
        self._padding = self._values + aligned(keys_of_heads * blocking.row_width)
        self.size = self._padding + aligned(batch * self.padded_keys) if spec.padding else self._padding
        """The size for no thread."""

    @property
    def size_of_thread(self) -> Size:
        """How much more each thread takes."""
        return self._scores + aligned(self.blocking.tile_rows * self.blocking.keys) + self._key_rows

    def size_for(self, threads: Size) -> Size:
        """The size for so many threads."""
        return self.size + threads * self.size_of_thread

    def panel(self, head: Size, panel: Size) -> Size:
        """A panel of keys. Heads are counted over all batches."""
        return (head * self.panels + panel) * (self.blocking.panel_width * self.blocking.head_dim)

    def values(self, head: Size, key: Size) -> Size:
        """The row of values of a key."""
        return self._values + (head * self.padded_keys + key) * self.blocking.row_width

    def padding_of(self, batch: Size, key: Size) -> Size:
        """What padding adds to the score of a key."""
        return self._padding + batch * self.padded_keys + key

    def queries(self, thread: Size) -> Size:
        """The queries of a block."""
        return self.size + thread * self.size_of_thread

    def sums(self, thread: Size) -> Size:
        """The sums of values."""
        return self.queries(thread) + self._rows

    def statistics(self, thread: Size) -> Size:
        """The statistics of the tiles."""
        return self.queries(thread) + 2 * self._rows

    def scores(self, thread: Size) -> Size:
        """The scores of one tile."""
        return self.queries(thread) + self._scores

    def key_rows(self, thread: Size) -> Size:
        """The keys of one panel."""
        return self.queries(thread) + (self.size_of_thread - self._key_rows)

    @property
    def _rows(self) -> Size:
        return aligned(self.blocking.rows * self.blocking.row_width)

    @property
    def _scores(self) -> Size:
        return 2 * self._rows + aligned(STATISTICS * self.blocking.rows)

    @property
    def _key_rows(self) -> Size:
        return aligned(self.blocking.panel_width * self.blocking.row_width)


def aligned(size: Size) -> Size:
    """The size, rounded up to whole cache lines."""
    return (size + (ALIGNMENT - 1)) // ALIGNMENT * ALIGNMENT
