"""The functions that make up a mixture of experts."""

from __future__ import annotations

from xdsl.dialects.func import FuncOp
from xdsl.ir import SSAValue

from rlxc.passes.kernels.barrier import call_barrier
from rlxc.passes.kernels.experts.add import add_functions
from rlxc.passes.kernels.experts.arguments import Arguments, argument_types
from rlxc.passes.kernels.experts.gather import gather_functions
from rlxc.passes.kernels.experts.mixture import Mixture
from rlxc.passes.kernels.experts.spec import MoeSpec
from rlxc.passes.kernels.experts.steps import add_down, gather_rows, multiply_up, pack_hidden
from rlxc.passes.kernels.matmul.epilogue import epilogue_function
from rlxc.passes.kernels.matmul.streams import most_streamed_rows
from rlxc.passes.kernels.target import KernelTarget
from rlxc.passes.kernels.vectors import function, when


def moe_functions(spec: MoeSpec, target: KernelTarget) -> list[FuncOp]:
    """The entry function of a mixture of experts, then those that it calls besides what all projections call.

    The arguments of the entry function are `x`, the gates, the panels of gate and up, those of down, `y`, the
    workspace, the number of this thread, the number of threads, and a barrier. Every thread calls it.
    """
    return [
        _entry(spec, target),
        *gather_functions(target),
        epilogue_function(spec.up, target),
        *add_functions(target),
    ]


def _entry(spec: MoeSpec, target: KernelTarget) -> FuncOp:
    kinds = argument_types(spec, target)

    def body(*values: SSAValue) -> None:
        on = Mixture(spec, target, Arguments(**dict(zip(kinds, values, strict=True))))

        def wait() -> None:
            call_barrier(on.memory.barrier, on.memory.num_threads)

        def pack() -> None:
            pack_hidden(on)
            wait()

        on.choices.find(on.memory.gates, on.rows)
        gather_rows(on)
        wait()
        multiply_up(on)
        wait()
        # No expert has more rows than there are.
        when(on.rows > most_streamed_rows(target), pack)
        add_down(on)

    return function(spec.name, tuple(kinds.items()), body)
