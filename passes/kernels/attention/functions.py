"""The functions that make up an attention."""

from __future__ import annotations

from xdsl.dialects.func import FuncOp
from xdsl.ir import SSAValue

from rlxc.passes.kernels.attention.adjust import adjust_function, hide_function
from rlxc.passes.kernels.attention.arguments import Arguments, argument_types
from rlxc.passes.kernels.attention.blocking import Blocking, blocking_of
from rlxc.passes.kernels.attention.context import Context
from rlxc.passes.kernels.attention.dots import dots_function
from rlxc.passes.kernels.attention.few import FewQueries
from rlxc.passes.kernels.attention.few_workspace import FewWorkspace
from rlxc.passes.kernels.attention.interleave import interleave_function
from rlxc.passes.kernels.attention.pack import Packing, transpose_function
from rlxc.passes.kernels.attention.share import Blocks
from rlxc.passes.kernels.attention.softmax import softmax_function
from rlxc.passes.kernels.attention.spec import AttentionSpec
from rlxc.passes.kernels.attention.tile import scores_function, values_function
from rlxc.passes.kernels.attention.workspace import Workspace
from rlxc.passes.kernels.barrier import call_barrier
from rlxc.passes.kernels.target import KernelTarget
from rlxc.passes.kernels.vectors import function, when
from rlxc.passes.kernels.views import size_of
from rlxc.passes.lowering.scalars import Scalar, Size, as_value, select


def attention_functions(spec: AttentionSpec, target: KernelTarget) -> list[FuncOp]:
    """The entry function of an attention, then those that it calls.

    For each head h of H, with `k'` and `v` of the key/value head `h // (H / KV)`:
    `y[b, i, h] = sum_j softmax_j(cap(scale * q'[b, i, h] . k'[b, j]) + bias[b, h, i, j]) v[b, j]`
    over the keys `j < kv_length` that the mask and the padding show to query i, or 0 if there is none. Before, queries
    and keys are rotated by their positions, and keys multiplied by the gain: these are `q'` and `k'`.
    `q` and `y` are `[batch, q_len, H * head_dim]`, `k` and `v` `[batch, kv_len, KV * head_dim]`, the tables of the
    rotation `[position, n_rot / 2]`, the padding `[batch, kv_len]` and the bias `[batch, 1 or H, q_len, kv_len]`.

    Functions with the same name are the same, whatever the attention. The arguments of the entry
    function are those of `argument_types`. Every thread calls it. `y` overlaps with no other argument.
    """
    blocking = blocking_of(spec, target)
    few = blocking.for_few
    return [
        _entry(spec, target),
        transpose_function(blocking),
        scores_function(blocking),
        *([adjust_function(spec, blocking)] if spec.adjusts_scores else []),
        hide_function(blocking),
        *(softmax_function(spec, each) for each in dict.fromkeys((blocking, few))),
        values_function(blocking, blocking.row_width),
        interleave_function(few),
        dots_function(few),
        values_function(few, None),
    ]


def attention_workspace(
    spec: AttentionSpec, target: KernelTarget, batch: Size, q_len: Size, kv_len: Size, threads: Size
) -> Size:
    """The size of the workspace in elements. With few queries it does not grow with the number of keys."""
    blocking = blocking_of(spec, target)
    few = FewWorkspace(spec, blocking.for_few, batch, q_len, threads).size
    many = Workspace(spec, blocking, batch, kv_len).size_for(threads)
    condition = blocking.has_few(q_len)
    if not isinstance(condition, Scalar):
        return few if condition else many
    return select(condition, Scalar(as_value(few)), Scalar(as_value(many)))


def _entry(spec: AttentionSpec, target: KernelTarget) -> FuncOp:
    kinds = argument_types(spec)

    def body(*values: SSAValue) -> None:
        memory, blocking = Arguments(**dict(zip(kinds, values, strict=True))), blocking_of(spec, target)

        def context(blocking: Blocking) -> Context:
            return Context(spec, blocking, memory)

        when(
            blocking.has_few(size_of(memory.q, 1)),
            lambda: FewQueries(context(blocking.for_few)).run(),
            lambda: _run_many(context(blocking)),
        )

    return function(spec.name, tuple(kinds.items()), body)


def _run_many(context: Context) -> None:
    """Pack the keys together, then compute blocks of queries."""
    Packing(context).run()
    call_barrier(context.memory.barrier, context.memory.num_threads)
    Blocks(context).run()
