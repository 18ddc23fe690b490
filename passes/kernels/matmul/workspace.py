"""The memory for intermediate values: `x` in tiles, and the sums of each thread."""

from __future__ import annotations

from dataclasses import dataclass

from rlxc.passes.kernels.matmul.blocking import Blocking, blocking_of
from rlxc.passes.kernels.matmul.spec import MatmulSpec
from rlxc.passes.kernels.target import KernelTarget
from rlxc.passes.lowering.scalars import Size, minimum

ALIGNMENT = 16
"""Elements in a cache line."""


@dataclass(frozen=True)
class Workspace:
    """Offsets into the workspace, in elements, for `rows` rows of `x`.

    First `x` in blocks of `depth` columns, each block in tiles `[depth, tile_rows]`. Then for each
    thread the sums of one block: `[panel, weight, tile, tile_rows, panel_width]`.
    """

    blocking: Blocking
    weights: int
    rows: Size

    @property
    def tiles(self) -> Size:
        """The number of row tiles, of which the last may be partly filled."""
        return ceil_div(self.rows, self.blocking.tile_rows)

    @property
    def tiles_of_block(self) -> Size:
        """The number of row tiles of which sums are kept at once."""
        return minimum(self.tiles, self.blocking.tiles)

    @property
    def tile_elements(self) -> int:
        """The size of the sums of one tile."""
        return self.blocking.tile_rows * self.blocking.panel_width

    @property
    def sums_of_thread(self) -> Size:
        """The size of the sums of one thread."""
        return self.tiles_of_block * (self.tile_elements * self.blocking.panels * self.weights)

    @property
    def sums(self) -> Size:
        """Where the sums of the first thread begin."""
        return ceil_div(self.x_tile(self.blocking.in_features, 0, 0), ALIGNMENT) * ALIGNMENT

    def x_tile(self, first: Size, tile: Size, depth: Size) -> Size:
        """Where a tile of the block of `x` lies that begins at column `first` and has `depth` columns."""
        return (self.tiles * first + tile * depth) * self.blocking.tile_rows

    def sums_tile(self, thread: Size, panel: Size, tile: Size) -> Size:
        """Where the sums of a tile lie; panel and tile are counted from the first of the block."""
        return self.sums + thread * self.sums_of_thread + (panel * self.tiles_of_block + tile) * self.tile_elements


def matmul_workspace(spec: MatmulSpec, target: KernelTarget, rows: Size, threads: Size) -> Size:
    """The size of the workspace in elements."""
    workspace = Workspace(blocking_of(spec, target), spec.weights, rows)
    return workspace.sums + workspace.sums_of_thread * threads


def ceil_div(size: Size, divisor: int) -> Size:
    """`size / divisor`, rounded up."""
    return (size + (divisor - 1)) // divisor
