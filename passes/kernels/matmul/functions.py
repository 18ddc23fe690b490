"""The functions that make up a projection."""

from __future__ import annotations

from xdsl.dialects.func import FuncOp
from xdsl.ir import SSAValue

from rlxc.passes.kernels.matmul.arguments import Arguments, argument_types
from rlxc.passes.kernels.matmul.blocking import blocking_of
from rlxc.passes.kernels.matmul.epilogue import epilogue_function
from rlxc.passes.kernels.matmul.pack import pack_function
from rlxc.passes.kernels.matmul.schedule import Schedule
from rlxc.passes.kernels.matmul.share import share_of
from rlxc.passes.kernels.matmul.spec import MatmulSpec
from rlxc.passes.kernels.matmul.tile import tile_functions
from rlxc.passes.kernels.target import KernelTarget
from rlxc.passes.kernels.vectors import call, function
from rlxc.passes.kernels.views import size_of

BARRIER = "rlxc_barrier"


def matmul_functions(spec: MatmulSpec, target: KernelTarget) -> list[FuncOp]:
    """The entry function of a projection, then those that it calls.

    Functions with the same name are the same, whatever the projection. The arguments of the entry
    function are `x`, the panels, the bias and the residual if the projection has them, `y`, the workspace,
    the number of this thread, the number of threads, and a barrier. Every thread calls it. `y` may be
    the same memory as the residual, and overlaps with nothing else.
    """
    return [_entry(spec, target), epilogue_function(spec, target), pack_function(target), *tile_functions(target)]


def _entry(spec: MatmulSpec, target: KernelTarget) -> FuncOp:
    kinds = argument_types(spec, target)

    def body(*values: SSAValue) -> None:
        memory = Arguments(**dict(zip(kinds, values, strict=True)))
        schedule = Schedule(spec, target, blocking_of(spec, target), memory, size_of(memory.x, 0))
        schedule.pack()
        call(BARRIER, memory.barrier, memory.num_threads)
        panels = -(-spec.out_features // target.panel_width)
        schedule.multiply(share_of(schedule.thread, schedule.num_threads, panels, schedule.workspace.tiles))

    return function(_entry_name(spec), tuple(kinds.items()), body)


def _entry_name(spec: MatmulSpec) -> str:
    sizes = f"rlxc_matmul_{spec.in_features}x{spec.out_features}"
    return sizes if spec.epilogue == "copy" else f"{sizes}_{spec.epilogue}"
