"""A smooth bound."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.ir import SSAValue

from rlxc.diagnostics import RlxcError
from rlxc.dialects.rlx import SoftcapOp
from rlxc.stages.checks import require_real
from rlxc.stages.context import FlowContext
from rlxc.stages.stage import Stage


@dataclass(frozen=True)
class Softcap(Stage):
    """`cap * tanh(x / cap)`: Gemma 2 and 4 bound their logits so."""

    cap: float

    def __post_init__(self) -> None:
        require_real("Softcap", "cap", self.cap)
        if self.cap <= 0:
            raise RlxcError(f"Softcap: cap must be positive, got {self.cap}")

    def emit(self, ctx: FlowContext, x: SSAValue) -> SSAValue:
        """See `Stage`."""
        return ctx.emit(SoftcapOp(x, self.cap), "capped")
