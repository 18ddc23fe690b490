"""One call of a projection: its memory, cut into the parts that kernels work on."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.ir import SSAValue

from rlxc.passes.kernels.matmul.arguments import Arguments
from rlxc.passes.kernels.matmul.blocking import Blocking
from rlxc.passes.kernels.matmul.epilogue import epilogue_name
from rlxc.passes.kernels.matmul.pack import pack_name
from rlxc.passes.kernels.matmul.spec import MatmulSpec
from rlxc.passes.kernels.matmul.workspace import Workspace
from rlxc.passes.kernels.target import KernelTarget
from rlxc.passes.kernels.vectors import call
from rlxc.passes.kernels.views import part, rectangle, rows_at, run_of_elements
from rlxc.passes.lowering.scalars import Scalar, Size, as_value, minimum


class Projection:
    """What all schedules share. `first_panel` is where its panels begin among those in memory."""

    def __init__(
        self,
        spec: MatmulSpec,
        target: KernelTarget,
        memory: Arguments,
        rows: Scalar,
        workspace: Workspace,
        first_panel: Size = 0,
    ):
        self.spec, self.target, self.memory, self.rows, self.workspace = spec, target, memory, rows, workspace
        self.first_panel = first_panel
        self.thread, self.num_threads = Scalar(memory.thread), Scalar(memory.num_threads)

    @property
    def blocking(self) -> Blocking:
        """The sizes of tiles and blocks."""
        return self.workspace.blocking

    def rows_of(self, tile: Size) -> Size:
        """How many rows of `x` lie in a tile."""
        return minimum(self.rows - tile * self.target.tile_rows, self.target.tile_rows)

    def weights(self, panel: Size, weight: int, first: Size, depth: Size) -> SSAValue:
        """Rows `first : first + depth` of a panel of weights; gated projections have two for one of results."""
        width, number = self.target.panel_width, panel * self.spec.weights + weight
        kind = rectangle(None, width, width)
        return part(self.memory.panels, [self.first_panel + number, first, 0], [1, depth, width], kind)

    def pack(self, tile: Scalar, first: Size, depth: Size, packed: SSAValue) -> None:
        """Bring columns `first : first + depth` of the rows in a tile into order."""
        rows = self.rows_of(tile)
        x = part(self.memory.x, [tile * self.target.tile_rows, first], [rows, depth], rectangle(None, None, None))
        call(pack_name(self.target), x, packed, as_value(rows), as_value(depth))

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
