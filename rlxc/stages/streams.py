"""Named values beside the line of stages: what goes in parallel, or comes back later."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.dialects.arith import AddfOp, MulfOp
from xdsl.ir import SSAValue

from rlxc.diagnostics import RlxcError, did_you_mean
from rlxc.dialects.rlx import SplitOp
from rlxc.stages.checks import require_name, require_positive
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

    def saved_like(self, ctx: FlowContext, x: SSAValue) -> SSAValue:
        """The value of the name. Raises RlxcError if it has another type than `x`."""
        saved = self.saved(ctx)
        if saved.type != x.type:
            raise RlxcError(f"the stream '{self.name}' is {saved.type}, but x is {x.type}")
        return saved


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
        return ctx.emit(AddfOp(self.saved_like(ctx, x), x), "sum")


@dataclass(frozen=True)
class StreamMul(Stream):
    """`saved * x`, element by element."""

    def emit(self, ctx: FlowContext, x: SSAValue) -> SSAValue:
        """See `Stage`."""
        return ctx.emit(MulfOp(self.saved_like(ctx, x), x), "product")


@dataclass(frozen=True)
class StreamSplit(Stream):
    """Keep `count` parts of the features of `x`, equally wide, as `{name}_0`, `{name}_1`, ...; `x` goes on."""

    count: int

    def __post_init__(self) -> None:
        super().__post_init__()
        require_positive("StreamSplit", "count", self.count)

    def emit(self, ctx: FlowContext, x: SSAValue) -> SSAValue:
        """See `Stage`. Passes `x` on."""
        features = ctx.features(x)
        if features % self.count:
            raise RlxcError(f"{features} features are not count = {self.count} parts of equal width")
        names = [f"{self.name}_{number}" for number in range(self.count)]
        parts = ctx.emit_all(SplitOp(x, [features // self.count] * self.count), names)
        ctx.streams |= dict(zip(names, parts, strict=True))
        return x
