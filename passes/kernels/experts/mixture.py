"""One call of a mixture of experts: its memory, cut into the parts that the projections of an expert work on."""

from __future__ import annotations

from xdsl.ir import SSAValue

from rlxc.passes.kernels.experts.add import COLUMN
from rlxc.passes.kernels.experts.arguments import Arguments
from rlxc.passes.kernels.experts.choices import Choices, Expert
from rlxc.passes.kernels.experts.projections import DownProjection, Rows, UpProjection
from rlxc.passes.kernels.experts.spec import MoeSpec
from rlxc.passes.kernels.experts.workspace import MoeWorkspace
from rlxc.passes.kernels.matmul.arguments import Arguments as ProjectionArguments
from rlxc.passes.kernels.matmul.blocking import blocking_of
from rlxc.passes.kernels.matmul.spec import MatmulSpec
from rlxc.passes.kernels.matmul.workspace import Workspace
from rlxc.passes.kernels.target import KernelTarget
from rlxc.passes.kernels.views import any_rows, part, rows_at, size_of
from rlxc.passes.lowering.scalars import Scalar, Size, minimum, named


class Mixture:
    """What the steps share."""

    def __init__(self, spec: MoeSpec, target: KernelTarget, memory: Arguments):
        self.spec, self.target, self.memory = spec, target, memory
        self.rows = named(size_of(memory.x, 0), "rows")
        self.thread, self.num_threads = Scalar(memory.thread), Scalar(memory.num_threads)
        self.workspace = MoeWorkspace.of(spec, target, self.rows, self.num_threads)
        self.choices = Choices(spec, target, memory.workspace, self.thread * self.workspace.list_of_thread)

    def panels(self, features: int) -> int:
        """How many panels of results have so many columns."""
        return -(-features // self.target.panel_width)

    def up(self, expert: Expert) -> UpProjection:
        """The first projection of an expert."""
        spec = self.spec.up
        workspace = self._workspace(spec, expert)
        copied = self._rows(workspace.x, expert, spec.in_features)
        memory = self._memory(copied, self.memory.gate_up, self._hidden(expert))
        first_panel = expert.number * (self.panels(spec.out_features) * spec.weights)
        rows = Rows(self.memory.x, self.choices.rows_of(expert), expert.rows)
        return UpProjection(spec, self.target, memory, rows, workspace, first_panel)

    def down(self, expert: Expert) -> DownProjection:
        """The second projection of an expert."""
        spec = self.spec.down
        memory = self._memory(self._hidden(expert), self.memory.down, self.memory.y)
        first_panel = expert.number * self.panels(spec.out_features)
        rows = Rows(self.memory.y, self.choices.rows_of(expert), expert.rows)
        gates = part(self.memory.gates, [0, expert.number], [self.rows, 1], COLUMN)
        workspace = self._workspace(spec, expert)
        return DownProjection(spec, self.target, memory, rows, gates, workspace, first_panel)

    def _hidden(self, expert: Expert) -> SSAValue:
        """The hidden features of the rows that chose an expert."""
        return self._rows(self.workspace.hidden + expert.first * self.spec.width, expert, self.spec.width)

    def _rows(self, place: Size, expert: Expert, columns: int) -> SSAValue:
        """Memory for a row for each that chose an expert."""
        return any_rows(rows_at(self.memory.workspace, place, expert.rows, columns), columns)

    def _workspace(self, spec: MatmulSpec, expert: Expert) -> Workspace:
        """Where a projection has its tiles and sums."""
        own, blocking = self.workspace, blocking_of(spec, self.target)
        tiles: Size = own.tiles + expert.first_tile * (self.target.tile_rows * spec.in_features)
        tiles_of_block = minimum(expert.tiles, blocking.tiles)
        return Workspace(blocking, expert.tiles, tiles_of_block, own.sums, own.sums_of_thread, tiles)

    def _memory(self, x: SSAValue, panels: SSAValue, y: SSAValue) -> ProjectionArguments:
        memory = self.memory
        return ProjectionArguments(x, panels, y, memory.workspace, memory.thread, memory.num_threads, memory.barrier)
