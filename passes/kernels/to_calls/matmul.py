"""The call that computes a projection."""

from __future__ import annotations

from xdsl.dialects.func import FuncOp

from rlxc.dialects.kernel import KernelMatmulOp
from rlxc.passes.kernels.barrier import call_barrier
from rlxc.passes.kernels.to_calls.arrays import Batches, all_dense, call_with
from rlxc.passes.kernels.to_calls.team import Team
from rlxc.passes.kernels.vectors import each, when
from rlxc.passes.lowering.scalars import Scalar, constant, select


def call_matmul(op: KernelMatmulOp, function: FuncOp, team: Team) -> None:
    """Call the kernel once on all rows, or once a batch where the rows of two batches are further apart."""
    arrays = [Batches.of(value) for value in (op.x, op.residual, op.y) if value is not None]
    batch, seq = arrays[0].sizes
    dense, one = all_dense(arrays), constant(1, batch.type)
    calls, rows = select(dense, one, batch), select(dense, batch * seq, seq)

    def wait() -> None:
        call_barrier(team.barrier, team.num_threads)

    def on_batch(number: Scalar) -> None:
        # All threads are done with the workspace before they go on to the next batch.
        when(number > 0, wait)
        x, *others, y = (array.rows(number, rows) for array in arrays)
        bias = [] if op.bias is None else [op.bias]
        call_with(function, x, op.panels, *bias, *others, y, op.workspace, *team.arguments)

    each(0, calls, 1, on_batch)
