"""The loops around the micro-kernel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from xdsl.ir import SSAValue

from rlxc.passes.kernels.matmul.arguments import Arguments
from rlxc.passes.kernels.matmul.blocking import Blocking
from rlxc.passes.kernels.matmul.epilogue import epilogue_name
from rlxc.passes.kernels.matmul.pack import pack_name
from rlxc.passes.kernels.matmul.share import Share
from rlxc.passes.kernels.matmul.spec import MatmulSpec
from rlxc.passes.kernels.matmul.tile import tile_name
from rlxc.passes.kernels.matmul.workspace import Workspace
from rlxc.passes.kernels.target import KernelTarget
from rlxc.passes.kernels.vectors import call, each, when
from rlxc.passes.kernels.views import part, rectangle, rows_at, run_of_elements
from rlxc.passes.lowering.scalars import Scalar, Size, as_value, minimum, truth


@dataclass(frozen=True)
class _Block:
    """Columns `first : first + depth` of `x`, and these rows of the panels."""

    first: Scalar
    depth: Size


class Schedule:
    """What one thread does: first pack its share of `x`, then, once all have done so, multiply its share."""

    def __init__(self, spec: MatmulSpec, target: KernelTarget, blocking: Blocking, memory: Arguments, rows: Scalar):
        self.spec, self.target, self.blocking, self.memory = spec, target, blocking, memory
        self.rows, self.depth = rows, blocking.depth_for(rows)
        self.workspace = Workspace(blocking, spec.weights, rows)
        self.thread, self.num_threads = Scalar(memory.thread), Scalar(memory.num_threads)

    def pack(self) -> None:
        """Bring every `num_threads`-th tile of `x` into order."""

        def pack_tile(tile: Scalar, block: _Block) -> None:
            rows, kind = self.rows_of(tile), rectangle(None, None, None)
            offsets = [tile * self.blocking.tile_rows, block.first]
            x = part(self.memory.x, offsets, [rows, block.depth], kind)
            call(pack_name(self.target), x, self.x_tile(tile, block), as_value(rows), as_value(block.depth))

        each(
            self.thread,
            self.workspace.tiles,
            self.num_threads,
            lambda tile: self.for_blocks(lambda block: pack_tile(tile, block)),
        )

    def multiply(self, share: Share) -> None:
        """Compute a share of the results: for each block of panels and rows, over all blocks of `x`."""

        def multiply_block(panels: Share) -> None:
            self.for_blocks(lambda block: self.multiply_panels(panels, block))

        share.for_blocks(self.blocking.panels, self.blocking.tiles, multiply_block)

    def multiply_panels(self, share: Share, block: _Block) -> None:
        """Add the products of one block; after the last one the sums become results."""
        last = block.first + block.depth >= self.spec.in_features

        def multiply_panel(panel: Scalar, weight: int) -> None:
            weights = self.weights(panel * self.spec.weights + weight, block)

            def multiply_tile(tile: Scalar) -> None:
                sums = self.sums(share, panel, weight, tile)
                values = (self.rows_of(tile), block.depth, truth(block.first.equals(0)))
                call(tile_name(self.target), self.x_tile(tile, block), weights, sums, *map(as_value, values))
                if weight == self.spec.weights - 1:
                    when(last, lambda: self.finish(share, panel, tile))

            share.for_tiles(multiply_tile)

        def multiply_weights(panel: Scalar) -> None:
            for weight in range(self.spec.weights):
                multiply_panel(panel, weight)

        share.for_panels(multiply_weights)

    def finish(self, share: Share, panel: Scalar, tile: Scalar) -> None:
        """Turn the sums of a tile into results."""
        row, column = tile * self.blocking.tile_rows, panel * self.blocking.panel_width
        rows = self.rows_of(tile)
        columns = minimum(self.spec.out_features - column, self.blocking.panel_width)
        kind = rectangle(None, None, None)
        operands = [self.sums(share, panel, weight, tile) for weight in range(self.spec.weights)]
        if self.memory.bias:
            operands.append(part(self.memory.bias, [column], [columns], run_of_elements()))
        if self.memory.residual:
            operands.append(part(self.memory.residual, [row, column], [rows, columns], kind))
        operands.append(part(self.memory.y, [row, column], [rows, columns], kind))
        call(epilogue_name(self.spec, self.target), *operands, as_value(rows), as_value(columns))

    def for_blocks(self, body: Callable[[_Block], None]) -> None:
        """Call `body` for each block of columns of `x`."""
        features = self.spec.in_features
        each(0, features, self.depth, lambda first: body(_Block(first, minimum(self.depth, features - first))))

    def rows_of(self, tile: Scalar) -> Size:
        """How many rows of `x` lie in a tile."""
        return minimum(self.rows - tile * self.blocking.tile_rows, self.blocking.tile_rows)

    def x_tile(self, tile: Scalar, block: _Block) -> SSAValue:
        """A tile of packed `x`."""
        offset = self.workspace.x_tile(block.first, tile, block.depth)
        return rows_at(self.memory.workspace, offset, block.depth, self.blocking.tile_rows)

    def weights(self, panel: Scalar, block: _Block) -> SSAValue:
        """The rows of a panel that meet a block of `x`."""
        width = self.blocking.panel_width
        return part(self.memory.panels, [panel, block.first, 0], [1, block.depth, width], rectangle(None, width, width))

    def sums(self, share: Share, panel: Scalar, weight: int, tile: Scalar) -> SSAValue:
        """The sums of a tile."""
        index = (panel - share.first_panel) * self.spec.weights + weight
        offset = self.workspace.sums_tile(self.thread, index, tile - share.first_tile)
        return rows_at(self.memory.workspace, offset, self.blocking.tile_rows, self.blocking.panel_width)
