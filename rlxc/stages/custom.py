"""A stage from a function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from xdsl.ir import SSAValue

from rlxc.diagnostics import RlxcError
from rlxc.stages.context import FlowContext
from rlxc.stages.stage import Stage


@dataclass(frozen=True)
class Custom(Stage):
    """`fn(ctx, x)` emits operations by `ctx.emit` and gives the value that the next stage takes."""

    fn: Callable[[FlowContext, SSAValue], SSAValue]
    name: str | None = None

    def __post_init__(self) -> None:
        if not callable(self.fn):
            raise RlxcError(f"Custom takes a function of (ctx, x), got {self.fn!r}")

    @property
    def label(self) -> str:
        """`Custom(name of the function)`."""
        return f"Custom({self.name or getattr(self.fn, '__name__', 'fn')})"

    def emit(self, ctx: FlowContext, x: SSAValue) -> SSAValue:
        """See `Stage`."""
        return self.fn(ctx, x)
