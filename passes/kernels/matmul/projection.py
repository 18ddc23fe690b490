"""One call of a projection: its memory, cut into the parts that kernels work on."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.ir import SSAValue

from rlxc.passes.kernels.matmul.arguments import Arguments
from rlxc.passes.kernels.matmul.blocking import Blocking
from rlxc.passes.kernels.matmul.epilogue import epilogue_name
from rlxc.passes.kernels.matmul.spec import MatmulSpec
from rlxc.passes.kernels.matmul.workspace import Workspace
from rlxc.passes.kernels.target import KernelTarget
from rlxc.passes.kernels.vectors import call
from rlxc.passes.kernels.views import part, rectangle, rows_at, run_of_elements, size_of
from rlxc.passes.lowering.scalars import Scalar, Size, as_value, minimum, named


class Projection:
    """What all schedules share."""

    def __init__(self, spec: MatmulSpec, target: KernelTarget, blocking: Blocking, memory: Arguments):
        self.spec, self.target, self.blocking, self.memory = spec, target, blocking, memory
        self.rows = named(size_of(memory.x, 0), "rows")
        self.workspace = Workspace.of(spec, blocking, self.rows)
        self.thread, self.num_threads = Scalar(memory.thread), Scalar(memory.num_threads)

    def rows_of(self, tile: Size) -> Size:
        """How many rows of `x` lie in a tile."""
        return minimum(self.rows - tile * self.target.tile_rows, self.target.tile_rows)

    def weights(self, panel: Size, weight: int, first: Size, depth: Size) -> SSAValue:
        """Rows `first : first + depth` of a panel of weights; gated projections have two for one of results."""
        width, number = self.target.panel_width, panel * self.spec.weights + weight
        return part(self.memory.panels, [number, first, 0], [1, depth, width], rectangle(None, width, width))

    def sums(self, panel: Size, weight: int, tile: Size, rows: int | None = None) -> SSAValue:
        """The sums of a tile; panel and tile are counted from the first ones that this thread works on."""
        offset = self.workspace.sums_tile(self.thread, panel * self.spec.weights + weight, tile)
        return rows_at(self.memory.workspace, offset, rows or self.target.tile_rows, self.target.panel_width)

    def finish(self, panel: Size, tile: Size, sums: Sequence[SSAValue]) -> None:
        """Turn the sums of a tile into results."""
        row, column = tile * self.target.tile_rows, panel * self.target.panel_width
        rows, columns = self.rows_of(tile), minimum(self.spec.out_features - column, self.target.panel_width)
        kind = rectangle(None, None, None)
        operands = list(sums)
        if self.memory.bias:
            operands.append(part(self.memory.bias, [column], [columns], run_of_elements()))
        if self.memory.residual:
            operands.append(part(self.memory.residual, [row, column], [rows, columns], kind))
        operands.append(part(self.memory.y, [row, column], [rows, columns], kind))
        call(epilogue_name(self.spec, self.target), *operands, as_value(rows), as_value(columns))
