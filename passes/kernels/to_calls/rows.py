"""Calls of kernels that take rows, of arrays that have batches of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from xdsl.ir import SSAValue

from rlxc.passes.kernels.barrier import call_barrier
from rlxc.passes.kernels.to_calls.arrays import Batches, all_dense
from rlxc.passes.kernels.to_calls.team import Team
from rlxc.passes.kernels.vectors import each, when
from rlxc.passes.lowering.scalars import Scalar, constant, select


def call_on_rows(values: Sequence[SSAValue], team: Team, on_rows: Callable[..., None]) -> None:
    """Call a kernel on arrays `[B, S, N]`: once on all rows, or once a batch where two batches are further apart.

    `on_rows` gets the rows of each array.
    """
    arrays = [Batches.of(value) for value in values]
    batch, seq = arrays[0].sizes
    dense, one = all_dense(arrays), constant(1, batch.type)
    calls, rows = select(dense, one, batch), select(dense, batch * seq, seq)

    def wait() -> None:
        call_barrier(team.barrier, team.num_threads)

    def on_batch(number: Scalar) -> None:
        # All threads are done with the workspace before they go on to the next batch.
        when(number > 0, wait)
        on_rows(*(array.rows(number, rows) for array in arrays))

    each(0, calls, 1, on_batch)
