"""What all parts of one attention function know."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.ir import SSAValue

from rlxc.passes.kernels.attention.arguments import Arguments
from rlxc.passes.kernels.attention.blocking import Blocking
from rlxc.passes.kernels.attention.prepare import Rotation
from rlxc.passes.kernels.attention.rows import Row
from rlxc.passes.kernels.attention.spec import AttentionSpec
from rlxc.passes.kernels.attention.visibility import Visibility
from rlxc.passes.kernels.attention.workspace import STATISTICS, Workspace
from rlxc.passes.kernels.views import rows_at, size_of
from rlxc.passes.lowering.scalars import Scalar


@dataclass(frozen=True)
class Head:
    """A key/value head of one batch."""

    batch: Scalar
    kv_head: Scalar
    number: Scalar
    """Counted over all batches."""


@dataclass(frozen=True)
class BlockMemory:
    """What is kept of a block: a row for each query and head; of each tile the statistics; the scores of one tile."""

    queries: SSAValue
    sums: SSAValue
    statistics: SSAValue
    scores: SSAValue


class Context:
    """The arguments, the sizes that are known at run time, and the parts of the workspace."""

    def __init__(self, spec: AttentionSpec, blocking: Blocking, memory: Arguments):
        self.spec, self.blocking, self.memory = spec, blocking, memory
        self.batch, self.q_len, self.kv_len = size_of(memory.q, 0), size_of(memory.q, 1), size_of(memory.k, 1)
        self.kv_length, self.query_offset = Scalar(memory.kv_length), Scalar(memory.query_offset)
        self.thread, self.num_threads = Scalar(memory.thread), Scalar(memory.num_threads)
        self.visibility = Visibility(spec, self.kv_length, self.query_offset)
        self.workspace = Workspace(spec, blocking, self.batch, self.kv_len)

    @property
    def heads(self) -> Scalar:
        """The number of key/value heads of all batches."""
        return self.batch * self.spec.num_kv_heads

    def head(self, number: Scalar) -> Head:
        """The head of a number."""
        batch = number // self.spec.num_kv_heads
        return Head(batch, number - batch * self.spec.num_kv_heads, number)

    def rotation(self, position: Scalar) -> Rotation | None:
        """By what the row at a position is rotated."""
        if self.memory.cos is None or self.memory.sin is None:
            return None
        return Rotation(Row(self.memory.cos, (position,)), Row(self.memory.sin, (position,)))

    def panels(self, head: Head) -> SSAValue:
        """The panels of keys of a head, one below the other: `[panel * head_dim, panel_width]`."""
        rows = self.workspace.panels * self.blocking.head_dim
        return rows_at(self.memory.workspace, self.workspace.panel(head.number, 0), rows, self.blocking.panel_width)

    def values(self, head: Head) -> SSAValue:
        """The values of a head."""
        offset = self.workspace.values(head.number, 0)
        return rows_at(self.memory.workspace, offset, self.workspace.padded_keys, self.blocking.row_width)

    def key_rows(self) -> SSAValue:
        """The keys of the panel that this thread packs."""
        blocking, offset = self.blocking, self.workspace.key_rows(self.thread)
        return rows_at(self.memory.workspace, offset, blocking.panel_width, blocking.row_width)

    def block_memory(self) -> BlockMemory:
        """What this thread keeps of its block."""
        blocking, memory, thread = self.blocking, self.memory.workspace, self.thread
        rows, width, tile = blocking.rows, blocking.row_width, blocking.tile_rows
        return BlockMemory(
            rows_at(memory, self.workspace.queries(thread), rows, width),
            rows_at(memory, self.workspace.sums(thread), rows, width),
            rows_at(memory, self.workspace.statistics(thread), blocking.tiles * STATISTICS, tile),
            rows_at(memory, self.workspace.scores(thread), tile, blocking.keys),
        )
