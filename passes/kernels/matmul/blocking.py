"""How a projection is cut into blocks that stay in the caches."""

from __future__ import annotations

from dataclasses import dataclass

from rlxc.passes.kernels.matmul.spec import MatmulSpec
from rlxc.passes.kernels.target import KernelTarget
from rlxc.passes.lowering.scalars import Size, maximum, minimum

F32_BYTES = 4

CACHE_LINE = 16
"""Elements of float32 in a cache line."""

STREAMS = 4
"""Panels that few rows are multiplied with at once: one stream reads 60 to 90 % of the bandwidth, four all of it."""


@dataclass(frozen=True)
class Blocking:
    """The sizes of tiles and blocks.

    A block of `x` (`tiles * tile_rows` rows, `depth` columns) stays in the second level cache, and beside it
    `depth` rows of a panel and the sums of `panels` panels.
    """

    in_features: int
    tile_rows: int
    panel_width: int
    depth: int
    """Columns of `x` in a block, and rows of a panel, if there are many rows of `x`."""
    deepest: int
    """The same at most: then this panel and the next one, which is on its way, take half of the second level cache."""
    tiles: int
    """Row tiles in a block."""
    panels: int
    """Panels of results in a block."""

    def depth_for(self, rows: Size) -> Size:
        """The depth of a block: with fewer rows the blocks are deeper, and all have about the same depth."""
        depth = maximum(self.tiles * self.tile_rows * self.depth // maximum(rows, 1), self.depth)
        return ceil_div(self.in_features, ceil_div(self.in_features, minimum(depth, self.deepest)))


def blocking_of(spec: MatmulSpec, target: KernelTarget) -> Blocking:
    """The sizes for a target: half of the second level cache for `x`, three eighths for the sums."""
    cache = target.l2_bytes // F32_BYTES
    # Shallower blocks read and write the sums more often, deeper ones leave room for fewer rows.
    depth = 512
    tiles = cache // 2 // depth // target.tile_rows
    panels = cache * 3 // 8 // (tiles * target.tile_rows * target.panel_width * spec.weights)
    return Blocking(
        spec.in_features,
        target.tile_rows,
        target.panel_width,
        depth,
        deepest=max(depth, cache // 4 // target.panel_width),
        tiles=tiles,
        panels=max(STREAMS, panels),
    )


def ceil_div(size: Size, divisor: Size) -> Size:
    """`size / divisor`, rounded up."""
    return (size + (divisor - 1)) // divisor
