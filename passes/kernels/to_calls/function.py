"""Calls of functions that are lowered by themselves."""

from __future__ import annotations

from xdsl.dialects.func import FuncOp

from rlxc.dialects.kernel import KernelCallOp
from rlxc.passes.kernels.to_calls.arrays import call_with
from rlxc.passes.kernels.to_calls.team import Team
from rlxc.passes.lowering.workspaces import passed_buffers


def call_function(op: KernelCallOp, function: FuncOp, team: Team) -> None:
    """Call a function, which all threads of the team do."""
    workspace = [] if op.workspace is None else [op.workspace]
    call_with(function, *passed_buffers(op, function), *workspace, team.thread, team.barrier)
