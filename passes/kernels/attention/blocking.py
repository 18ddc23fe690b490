"""How an attention is cut into blocks that stay in the caches."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rlxc.passes.kernels.attention.spec import AttentionSpec
from rlxc.passes.kernels.target import KernelTarget
from rlxc.passes.lowering.scalars import Condition, Size

ROWS_OF_BLOCK = 128
KEYS_OF_BLOCK = 96

KEYS_FOR_FEW = 48
"""Keys that few queries meet at once. Those of all heads, and the next ones, stay in the second level cache."""

LEAST_ROWS_FOR_FEW = 2
"""The rows of the smallest tile of few queries: memory is not faster than the products of two rows."""

FEW_TILES = 6
"""So many row tiles meet a key where it lies for less than it costs to pack it."""


@dataclass(frozen=True)
class Blocking:
    """The sizes of tiles and blocks.

    The rows of a block are the heads of the first of its positions that share a key/value head, then
    those of the next position, and so on. A tile is `tile_rows` of them, however many heads there are.
    """

    lanes: int
    tile_rows: int
    panel_width: int
    head_dim: int
    group: int
    positions: int
    """Query positions in a block."""
    keys: int
    """Keys in a block, whose scores are computed at once."""

    @property
    def row_width(self) -> int:
        """The distance of packed rows: whole vectors, zero after the components of the head."""
        return -(-self.head_dim // self.lanes) * self.lanes

    @property
    def for_few(self) -> Blocking:
        """The sizes for few queries: a tile holds the heads of one query; if they are few, panels are wider instead."""
        rows = LEAST_ROWS_FOR_FEW
        while rows < min(self.group, self.tile_rows):
            rows *= 2
        return replace(self, tile_rows=rows, panel_width=self.panel_width * self.tile_rows // rows)

    def has_few(self, queries: Size) -> Condition:
        """Whether there are so few queries that keys are not packed for them."""
        return self.tile_rows * FEW_TILES >= queries * self.group

    @property
    def tiles(self) -> int:
        """The row tiles of a block."""
        return -(-self.positions * self.group // self.tile_rows)

    @property
    def rows(self) -> int:
        """The rows of these tiles."""
        return self.tiles * self.tile_rows


def blocking_of(spec: AttentionSpec, target: KernelTarget) -> Blocking:
    """The sizes for a target."""
    width = target.panel_width
    return Blocking(
        target.lanes,
        target.tile_rows,
        width,
        spec.head_dim,
        spec.group,
        positions=max(1, ROWS_OF_BLOCK // spec.group),
        keys=max(1, KEYS_OF_BLOCK // width) * width,
    )
