"""The memory for intermediate values: `x` in tiles, and the sums of each thread."""

from __future__ import annotations

from dataclasses import dataclass

from rlxc.passes.kernels.matmul.blocking import CACHE_LINE, Blocking, blocking_of, ceil_div
from rlxc.passes.kernels.matmul.spec import MatmulSpec
from rlxc.passes.kernels.target import KernelTarget
from rlxc.passes.lowering.scalars import Size, minimum, named


@dataclass(frozen=True)
class Workspace:
    """Offsets into the workspace, in elements.

    First `x` in blocks of `depth` columns, each block in tiles `[depth, tile_rows]`. Then for each
    thread the sums of one block: `[panel, tile, tile_rows, panel_width]`.
    """

    blocking: Blocking
    tiles: Size
    """The number of row tiles, of which the last may be partly filled."""
    tiles_of_block: Size
    """The number of row tiles of which a thread keeps the sums."""
    sums: Size
    """Where the sums of the first thread begin."""
    sums_of_thread: Size
    """The size of the sums of one thread."""
    x: Size = 0
    """Where `x` begins."""

    @staticmethod
    def of(spec: MatmulSpec, blocking: Blocking, rows: Size) -> Workspace:
        """The workspace for `rows` rows of `x`."""
        tiles = named(ceil_div(rows, blocking.tile_rows), "tiles")
        tiles_of_block = named(minimum(tiles, blocking.tiles), "tiles_of_block")
        packed = tiles * (blocking.tile_rows * blocking.in_features)
        sums = named(ceil_div(packed, CACHE_LINE) * CACHE_LINE, "sums")
        tile = blocking.tile_rows * blocking.panel_width
        sums_of_thread = named(tiles_of_block * (blocking.panels * spec.weights * tile), "sums_of_thread")
        return Workspace(blocking, tiles, tiles_of_block, sums, sums_of_thread)

    def x_tile(self, first: Size, tile: Size, depth: Size) -> Size:
        """Where a tile of the block of `x` lies that begins at column `first` and has `depth` columns."""
        return self.x + (self.tiles * first + tile * depth) * self.blocking.tile_rows

    def sums_tile(self, thread: Size, panel: Size, tile: Size) -> Size:
        """Where the sums of a tile lie; panel and tile are counted from the first of the block."""
        number = panel * self.tiles_of_block + tile
        return self.sums + thread * self.sums_of_thread + number * (self.blocking.tile_rows * self.blocking.panel_width)


def matmul_workspace(spec: MatmulSpec, target: KernelTarget, rows: Size, threads: Size) -> Size:
    """The size of the workspace in elements."""
    workspace = Workspace.of(spec, blocking_of(spec, target), rows)
    return workspace.sums + workspace.sums_of_thread * threads
