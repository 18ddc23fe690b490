"""Named values beside the line of stages: what goes in parallel, or comes back later."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.dialects.arith import AddfOp
from xdsl.ir import SSAValue

from rlxc.diagnostics import RlxcError, did_you_mean
from rlxc.stages.checks import require_name
from rlxc.stages.context import FlowContext
from rlxc.stages.stage import Stage


@dataclass(frozen=True)
class Stream(Stage):
    """A stage that has to do with the value called `name`."""

    name: str

    def __post_init__(self) -> None:
        require_name(type(self).__name__, "name", self.name)

    @property
    def label(self) -> str:
        """`StreamLoad(x)`."""
        return f"{type(self).__name__}({self.name})"

    def saved(self, ctx: FlowContext) -> SSAValue:
        """The value of the name. Raises RlxcError if none has been saved."""
        if self.name not in ctx.streams:
            raise RlxcError(
                f"there is no stream '{self.name}'{did_you_mean(self.name, ctx.streams)}",
                hint=f'add StreamSave("{self.name}") before this stage',
            )
        return ctx.streams[self.name]


@dataclass(frozen=True)
class StreamSave(Stream):
    """Keep `x` under a name; a value that had it before is forgotten."""

    def emit(self, ctx: FlowContext, x: SSAValue) -> SSAValue:
        """See `Stage`. Passes `x` on."""
        ctx.streams[self.name] = x
        return x


@dataclass(frozen=True)
class StreamLoad(Stream):
    """Go on with the value of a name; `x` is left."""

    def emit(self, ctx: FlowContext, x: SSAValue) -> SSAValue:
        """See `Stage`."""
        return self.saved(ctx)


@dataclass(frozen=True)
class StreamAdd(Stream):
    """`saved + x`."""

    def emit(self, ctx: FlowContext, x: SSAValue) -> SSAValue:
        """See `Stage`."""
        saved = self.saved(ctx)
        if saved.type != x.type:
            raise RlxcError(f"the stream '{self.name}' is {saved.type}, but x is {x.type}")
        return ctx.emit(AddfOp(saved, x), "sum")
