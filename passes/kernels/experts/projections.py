"""The two projections of an expert, of the rows that chose it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xdsl.ir import SSAValue

from rlxc.passes.kernels.experts.add import COLUMN, add_name
from rlxc.passes.kernels.experts.gather import COPY_ROWS, gather_name
from rlxc.passes.kernels.matmul.arguments import Arguments
from rlxc.passes.kernels.matmul.projection import Projection
from rlxc.passes.kernels.matmul.spec import MatmulSpec
from rlxc.passes.kernels.matmul.workspace import Workspace
from rlxc.passes.kernels.target import KernelTarget
from rlxc.passes.kernels.vectors import call
from rlxc.passes.kernels.views import part, rectangle, run_of_elements, size_of
from rlxc.passes.lowering.scalars import Scalar, Size, as_value, minimum


@dataclass(frozen=True)
class Rows:
    """Some rows of an array, by their numbers."""

    source: SSAValue
    numbers: SSAValue
    count: Scalar

    def numbers_from(self, first: Size) -> SSAValue:
        """The numbers without some at the start."""
        return part(self.numbers, [first], [self.count - first], run_of_elements())

    def columns(self, first: Size, count: Size) -> SSAValue:
        """Some columns of all rows of the array."""
        return part(self.source, [0, first], [size_of(self.source, 0), count], rectangle(None, None, None))


class UpProjection(Projection):
    """From some rows of an array to hidden features, row after row."""

    def __init__(
        self,
        spec: MatmulSpec,
        target: KernelTarget,
        memory: Arguments,
        rows: Rows,
        workspace: Workspace,
        first_panel: Size,
    ):
        super().__init__(spec, target, memory, rows.count, workspace, first_panel)
        self._taken = rows

    def pack(self, tile: Scalar, first: Size, depth: Size, packed: SSAValue) -> None:
        numbers = self._taken.numbers_from(tile * self.target.tile_rows)
        x = self._taken.columns(first, depth)
        call(gather_name(self.target), x, numbers, packed, as_value(self.rows_of(tile)), as_value(depth))

    def copy_rows(self) -> None:
        """Bring the rows together, as they are."""
        features = Scalar(as_value(self.spec.in_features))
        copied = part(self.memory.x, [0, 0], [self.rows, features], rectangle(None, None, None))
        x = self._taken.columns(0, features)
        call(COPY_ROWS, x, self._taken.numbers, copied, self.rows.value, features.value)


class DownProjection(Projection):
    """From hidden features to what is added, times a gate, to some rows of an array."""

    def __init__(
        self,
        spec: MatmulSpec,
        target: KernelTarget,
        memory: Arguments,
        rows: Rows,
        gates: SSAValue,
        workspace: Workspace,
        first_panel: Size,
    ):
        """`gates` are those of one expert, for all rows of the array."""
        assert gates.type == COLUMN
        super().__init__(spec, target, memory, rows.count, workspace, first_panel)
        self._added_to, self._gates = rows, gates

    def finish(self, panel: Size, tile: Size, sums: Sequence[SSAValue]) -> None:
        numbers = self._added_to.numbers_from(tile * self.target.tile_rows)
        column = panel * self.target.panel_width
        columns = minimum(self.spec.out_features - column, self.target.panel_width)
        y = self._added_to.columns(column, columns)
        sizes = as_value(self.rows_of(tile)), as_value(columns)
        call(add_name(self.target), *sums, numbers, self._gates, y, *sizes)
