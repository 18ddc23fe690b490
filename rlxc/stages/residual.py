"""Residual connections. They nest: each add takes what the last open save kept."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.dialects.arith import AddfOp
from xdsl.ir import SSAValue

from rlxc.diagnostics import RlxcError
from rlxc.stages.context import FlowContext
from rlxc.stages.stage import Stage


@dataclass(frozen=True)
class ResidualSave(Stage):
    """Keep `x` for the matching `ResidualAdd`."""

    def emit(self, ctx: FlowContext, x: SSAValue) -> SSAValue:
        """See `Stage`. Passes `x` on."""
        ctx.residuals.append(x)
        return x


@dataclass(frozen=True)
class ResidualAdd(Stage):
    """`x + saved`, of the last `ResidualSave` that has not been added yet."""

    def emit(self, ctx: FlowContext, x: SSAValue) -> SSAValue:
        """See `Stage`."""
        if not ctx.residuals:
            raise RlxcError("there is no saved residual", hint="add ResidualSave() before the block that this one ends")
        saved = ctx.residuals.pop()
        if saved.type != x.type:
            raise RlxcError(
                f"the saved residual is {saved.type}, but the block gives {x.type}",
                hint="end the block with a Linear that gives as many features as the residual has",
            )
        return ctx.emit(AddfOp(saved, x), "residual")
