"""Many rows: `x` is packed into tiles, and each block of it is multiplied while it is in the caches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from xdsl.ir import SSAValue

from rlxc.passes.kernels.matmul.blocking import ceil_div
from rlxc.passes.kernels.matmul.projection import Projection
from rlxc.passes.kernels.matmul.share import Share
from rlxc.passes.kernels.matmul.tile import tile_name
from rlxc.passes.kernels.vectors import call, each, when
from rlxc.passes.kernels.views import part, rectangle, rows_at
from rlxc.passes.lowering.scalars import Scalar, Size, all_of, as_value, minimum, select, truth


@dataclass(frozen=True)
class _Block:
    """Columns `first : first + depth` of `x`, and these rows of the panels."""

    first: Scalar
    depth: Size


class TiledSchedule:
    """What one thread does: pack its tiles of `x`, then, once all threads have done so, multiply its share."""

    def __init__(self, projection: Projection):
        self.projection, self.blocking = projection, projection.blocking
        self.depth = self.blocking.depth_for(projection.rows)

    def pack(self) -> None:
        """Bring every `num_threads`-th tile of `x` into order."""
        on = self.projection
        each(on.thread, on.workspace.tiles, on.num_threads, self.pack_tile)

    def pack_tile(self, tile: Scalar) -> None:
        """Bring one tile of `x` into order."""
        on = self.projection
        self.for_blocks(lambda block: on.pack(tile, block.first, block.depth, self.packed(tile, block)))

    def multiply(self, share: Share) -> None:
        """Compute a share of the results: for each block of panels and rows, over all blocks of `x`."""

        def multiply_block(part_of_share: Share) -> None:
            self.for_blocks(lambda block: self.multiply_panels(part_of_share, block))

        share.for_blocks(self.blocking.panels, self.blocking.tiles, multiply_block)

    def multiply_panels(self, share: Share, block: _Block) -> None:
        """Add the products of one block; after the last one the sums become results."""

        def multiply_panel(panel: Scalar) -> None:
            for weight in range(self.projection.spec.weights):
                self.multiply_weights(share, panel, weight, block)

        share.for_panels(multiply_panel)

    def multiply_weights(self, share: Share, panel: Scalar, weight: int, block: _Block) -> None:
        """Multiply all tiles and one panel of weights."""
        on = self.projection
        weights = on.weights(panel, weight, block.first, block.depth)
        is_first, is_last = block.first.equals(0), block.first + block.depth >= on.spec.in_features

        def multiply_tile(tile: Scalar) -> None:
            place = (panel - share.first_panel, tile - share.first_tile)
            sums = [on.sums(place[0], number, place[1]) for number in range(weight + 1)]
            numbers = (on.rows_of(tile), block.depth, truth(is_first))
            ahead, pace = self.ahead(share, panel, weight, block, tile)
            operands = (self.packed(tile, block), weights, sums[weight], *map(as_value, numbers), ahead, as_value(pace))
            call(tile_name(on.target), *operands)
            if weight + 1 == on.spec.weights:
                when(is_last, lambda: on.finish(panel, tile, sums))

        share.for_tiles(multiply_tile)

    def ahead(self, share: Share, panel: Scalar, weight: int, block: _Block, tile: Scalar) -> tuple[SSAValue, Size]:
        """What to prefetch while a tile is multiplied, and how many elements in each step.

        The tiles bring rows of the next panel closer together, those with more to compute more of them; after the
        last panel, the next rows of the first.
        """
        width, weights = self.blocking.panel_width, self.projection.spec.weights
        features = Scalar(as_value(self.blocking.in_features))
        number, end = panel * weights + (weight + 1), block.first + block.depth
        begins_anew = all_of([number >= share.end_panel * weights, features > end])
        panel_ahead = select(begins_anew, Scalar(as_value(share.first_panel * weights)), number)
        height, rows = self.blocking.tile_rows, self.projection.rows_of(tile)
        before = (tile - share.first_tile) * height
        all_rows = minimum(share.end_tile * height, self.projection.rows) - share.first_tile * height
        start = before * block.depth // all_rows
        offsets = [self.projection.first_panel + panel_ahead, select(begins_anew, end, block.first) + start, 0]
        sizes, kind = [1, block.depth - start, width], rectangle(None, width, width)
        return part(self.projection.memory.panels, offsets, sizes, kind), ceil_div(rows * width, all_rows)

    def for_blocks(self, body: Callable[[_Block], None]) -> None:
        """Call `body` for each block of columns of `x`."""
        features = self.blocking.in_features
        each(0, features, self.depth, lambda first: body(_Block(first, minimum(self.depth, features - first))))

    def packed(self, tile: Scalar, block: _Block) -> SSAValue:
        """A tile of packed `x`."""
        offset = self.projection.workspace.x_tile(block.first, tile, block.depth)
        return rows_at(self.projection.memory.workspace, offset, block.depth, self.blocking.tile_rows)
