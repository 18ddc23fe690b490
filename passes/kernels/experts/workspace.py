"""The memory for intermediate values: who chose which expert, rows in tiles, hidden features, and sums."""

from __future__ import annotations

from dataclasses import dataclass

from rlxc.passes.kernels.experts.spec import MoeSpec
from rlxc.passes.kernels.matmul.blocking import CACHE_LINE, blocking_of, ceil_div
from rlxc.passes.kernels.matmul.spec import MatmulSpec
from rlxc.passes.kernels.matmul.workspace import Workspace
from rlxc.passes.kernels.target import KernelTarget
from rlxc.passes.lowering.scalars import Size, maximum, minimum


@dataclass(frozen=True)
class MoeWorkspace:
    """Offsets into the workspace, in elements.

    First the list of choices of each thread. Then tiles of the rows that chose an expert, first those of `x`, later
    those of the hidden features; then the hidden features as rows; then the sums of each thread.
    """

    list_of_thread: Size
    """The size of the list of choices of one thread."""
    tiles: Size
    hidden: Size
    sums: Size
    sums_of_thread: Size
    """The size of the sums of one thread."""

    @staticmethod
    def of(spec: MoeSpec, target: KernelTarget, rows: Size, threads: Size) -> MoeWorkspace:
        """The workspace for `rows` rows."""
        choices = rows * spec.top_k
        # The last tile of each expert may be partly filled.
        most_tiles = choices // target.tile_rows + minimum(choices, spec.experts)
        tile = target.tile_rows * max(spec.features, spec.width)
        list_of_thread = _aligned(choices + (spec.experts + 1))
        tiles = list_of_thread * threads
        hidden = tiles + _aligned(most_tiles * tile)
        sums = hidden + _aligned(choices * spec.width)
        sums_of_thread = maximum(_sums(spec.up, target, rows), _sums(spec.down, target, rows))
        return MoeWorkspace(list_of_thread, tiles, hidden, sums, sums_of_thread)


def _sums(spec: MatmulSpec, target: KernelTarget, rows: Size) -> Size:
    """The size of the sums of a thread in a projection of at most so many rows."""
    return Workspace.of(spec, blocking_of(spec, target), rows).sums_of_thread


def _aligned(size: Size) -> Size:
    return ceil_div(size, CACHE_LINE) * CACHE_LINE


def moe_workspace(spec: MoeSpec, target: KernelTarget, rows: Size, threads: Size) -> Size:
    """The size of the workspace in elements."""
    workspace = MoeWorkspace.of(spec, target, rows, threads)
    return workspace.sums + workspace.sums_of_thread * threads
