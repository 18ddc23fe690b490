"""The functions that make up a projection."""

from __future__ import annotations

from xdsl.dialects.func import FuncOp
from xdsl.ir import SSAValue

from rlxc.passes.kernels.barrier import call_barrier
from rlxc.passes.kernels.matmul.arguments import Arguments, argument_types
from rlxc.passes.kernels.matmul.blocking import blocking_of
from rlxc.passes.kernels.matmul.epilogue import epilogue_function
from rlxc.passes.kernels.matmul.pack import pack_function
from rlxc.passes.kernels.matmul.projection import Projection
from rlxc.passes.kernels.matmul.share import Share, share_of
from rlxc.passes.kernels.matmul.spec import MatmulSpec
from rlxc.passes.kernels.matmul.streams import by_rows, multiply_streams, stream_functions
from rlxc.passes.kernels.matmul.tile import tile_functions
from rlxc.passes.kernels.matmul.tiled import TiledSchedule
from rlxc.passes.kernels.matmul.workspace import Workspace
from rlxc.passes.kernels.target import KernelTarget
from rlxc.passes.kernels.vectors import function
from rlxc.passes.kernels.views import size_of
from rlxc.passes.lowering.scalars import named


def matmul_functions(spec: MatmulSpec, target: KernelTarget) -> list[FuncOp]:
    """The entry function of a projection, then those that it calls.

    Functions with the same name are the same, whatever the projection. The arguments of the entry
    function are `x`, the panels, the bias and the residual if the projection has them, `y`, the workspace,
    the number of this thread, the number of threads, and a barrier. Every thread calls it. `y` may be
    the same memory as the residual, and overlaps with nothing else.
    """
    return [*projection_functions(spec, target), *common_functions(target)]


def projection_functions(spec: MatmulSpec, target: KernelTarget) -> list[FuncOp]:
    """The entry function, and what it calls after the products."""
    return [_entry(spec, target), epilogue_function(spec, target)]


def common_functions(target: KernelTarget) -> list[FuncOp]:
    """What all projections call."""
    return [pack_function(target), *tile_functions(target), *stream_functions(target)]


def _entry(spec: MatmulSpec, target: KernelTarget) -> FuncOp:
    kinds = argument_types(spec, target)

    def body(*values: SSAValue) -> None:
        memory = Arguments(**dict(zip(kinds, values, strict=True)))
        rows = named(size_of(memory.x, 0), "rows")
        on = Projection(spec, target, memory, rows, Workspace.of(spec, blocking_of(spec, target), rows))
        panels = -(-spec.out_features // target.panel_width)
        share = share_of(on.thread, on.num_threads, panels, on.workspace.tiles)
        by_rows(rows, target, lambda few: multiply_streams(on, few, share), lambda: _multiply_tiles(on, share))

    return function(_entry_name(spec), tuple(kinds.items()), body)


def _multiply_tiles(on: Projection, share: Share) -> None:
    schedule = TiledSchedule(on)
    schedule.pack()
    call_barrier(on.memory.barrier, on.memory.num_threads)
    schedule.multiply(share)


def _entry_name(spec: MatmulSpec) -> str:
    sizes = f"rlxc_matmul_{spec.in_features}x{spec.out_features}"
    return sizes if spec.epilogue == "copy" else f"{sizes}_{spec.epilogue}"
