"""The call that computes a projection."""

from __future__ import annotations

from xdsl.dialects.func import FuncOp
from xdsl.ir import SSAValue

from rlxc.dialects.kernel import KernelMatmulOp
from rlxc.passes.kernels.to_calls.arrays import call_with
from rlxc.passes.kernels.to_calls.rows import call_on_rows
from rlxc.passes.kernels.to_calls.team import Team


def call_matmul(op: KernelMatmulOp, function: FuncOp, team: Team) -> None:
    """Call the kernel on all rows."""
    bias = [] if op.bias is None else [op.bias]

    def on_rows(x: SSAValue, *others: SSAValue) -> None:
        call_with(function, x, op.panels, *bias, *others, op.workspace, *team.arguments)

    call_on_rows([value for value in (op.x, op.residual, op.y) if value is not None], team, on_rows)
