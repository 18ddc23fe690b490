"""The call that computes a mixture of experts."""

from __future__ import annotations

from xdsl.dialects.func import FuncOp
from xdsl.ir import SSAValue

from rlxc.dialects.kernel import KernelMoeOp
from rlxc.passes.kernels.to_calls.arrays import call_with
from rlxc.passes.kernels.to_calls.rows import call_on_rows
from rlxc.passes.kernels.to_calls.team import Team


def call_moe(op: KernelMoeOp, function: FuncOp, team: Team) -> None:
    """Call the kernel on all rows."""

    def on_rows(x: SSAValue, gates: SSAValue, y: SSAValue) -> None:
        call_with(function, x, gates, op.gate_up, op.down, y, op.workspace, *team.arguments)

    call_on_rows([op.x, op.gates, op.y], team, on_rows)
