"""How a projection is cut into blocks that stay in the caches."""

from __future__ import annotations

from dataclasses import dataclass

from rlxc.passes.kernels.matmul.spec import MatmulSpec
from rlxc.passes.kernels.target import KernelTarget
from rlxc.passes.lowering.scalars import Scalar, Size, select

F32_BYTES = 4

STREAMS = 4
"""Panels that few rows are multiplied with at once: one stream reads 60 to 90 % of the bandwidth, four all of it."""


@dataclass(frozen=True)
class Blocking:
    """The sizes of tiles and blocks.

    A block of `x` (`tiles * tile_rows` rows, `depth` columns) stays in the second level cache, as do
    the sums of `panels` panels for these rows; a block of a panel (`depth` rows) in the first level.
    """

    in_features: int
    tile_rows: int
    panel_width: int
    depth: int
    """Columns of `x` in a block, and rows of a panel."""
    tiles: int
    """Row tiles in a block."""
    panels: int
    """Panels of results in a block."""

    def depth_for(self, rows: Size) -> Size:
        """The depth of a block: with so few rows that reading the weights takes all the time, all of K."""
        few = self.tile_rows
        if not isinstance(rows, Scalar):
            return self.depth if rows > few else self.in_features
        condition = rows > few
        assert isinstance(condition, Scalar)
        return select(condition, rows.like(self.depth), self.in_features)


def blocking_of(spec: MatmulSpec, target: KernelTarget) -> Blocking:
    """The sizes for a target."""
    depth = 512
    rows = target.l2_bytes // 4 // (depth * F32_BYTES)
    panels = target.l2_bytes // 2 // (rows * target.panel_width * F32_BYTES)
    return Blocking(
        spec.in_features,
        target.tile_rows,
        target.panel_width,
        depth,
        rows // target.tile_rows,
        max(STREAMS, panels // spec.weights),
    )
