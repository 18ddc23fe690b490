"""The functions that make up an attention."""

from __future__ import annotations

from xdsl.dialects.func import FuncOp
from xdsl.ir import SSAValue

from rlxc.passes.kernels.attention.adjust import adjust_function, hide_function
from rlxc.passes.kernels.attention.arguments import Arguments, argument_types
from rlxc.passes.kernels.attention.blocking import blocking_of
from rlxc.passes.kernels.attention.context import Context
from rlxc.passes.kernels.attention.pack import Packing, transpose_function
from rlxc.passes.kernels.attention.share import Blocks
from rlxc.passes.kernels.attention.softmax import softmax_function
from rlxc.passes.kernels.attention.spec import AttentionSpec
from rlxc.passes.kernels.attention.tile import scores_function, values_function
from rlxc.passes.kernels.barrier import call_barrier
from rlxc.passes.kernels.target import KernelTarget
from rlxc.passes.kernels.vectors import function


def attention_functions(spec: AttentionSpec, target: KernelTarget) -> list[FuncOp]:
    """The entry function of an attention, then those that it calls.

    Functions with the same name are the same, whatever the attention. The arguments of the entry
    function are those of `argument_types`. Every thread calls it. `y` overlaps with no other argument.
    """
    blocking = blocking_of(spec, target)
    return [
        _entry(spec, target),
        transpose_function(blocking),
        scores_function(blocking),
        *([adjust_function(spec, blocking)] if spec.adjusts_scores else []),
        hide_function(blocking),
        softmax_function(spec, blocking),
        values_function(blocking),
    ]


def _entry(spec: AttentionSpec, target: KernelTarget) -> FuncOp:
    kinds = argument_types(spec)

    def body(*values: SSAValue) -> None:
        memory = Arguments(**dict(zip(kinds, values, strict=True)))
        context = Context(spec, target, blocking_of(spec, target), memory)
        Packing(context).run()
        call_barrier(memory.barrier, memory.num_threads)
        Blocks(context).for_share(lambda block: block.run())

    return function(spec.name, tuple(kinds.items()), body)
