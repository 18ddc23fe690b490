"""What a flow is made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, cast

from xdsl.ir import SSAValue

from rlxc.diagnostics import RlxcError, SourceLocation
from rlxc.stages.context import FlowContext
from rlxc.stages.stage import Stage


class Step(NamedTuple):
    """A stage, and where the flow's text adds it."""

    stage: Stage
    place: SourceLocation | None


@dataclass(frozen=True)
class LayerStep:
    """Stages whose weights have the scope `scope`; `inputs` says which inputs of the flow they mean by other names."""

    scope: str
    steps: tuple[Step, ...]
    inputs: tuple[tuple[str, str], ...]
    place: SourceLocation | None

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The stages alone."""
        return tuple(step.stage for step in self.steps)

    @property
    def label(self) -> str:
        """How messages call the layer."""
        return f"layer '{self.scope}'"


def steps_of(stages: Iterable[Stage], place: SourceLocation | None) -> tuple[Step, ...]:
    """The stages, all added at one place. Raises RlxcError if one is something else."""
    added = tuple(Step(stage, place) for stage in stages)
    for step in added:
        if not isinstance(cast(object, step.stage), Stage):
            raise RlxcError(
                f"{step.stage!r} is not a stage",
                hint="wrap a spec in its stage, as in SelfAttnPrefill(spec), and a function in Custom(fn)",
            )
    return added


def emit_step(ctx: FlowContext, x: SSAValue, step: Step) -> SSAValue:
    """What a stage makes of `x`."""
    with ctx.within(step.stage.label, step.place):
        result = step.stage.emit(ctx, x)
        if not isinstance(cast(object, result), SSAValue):
            raise RlxcError(f"emit must give the value for the next stage, got {result!r}")
    return result


def require_no_residuals(ctx: FlowContext, where: str) -> None:
    """Raise RlxcError unless each residual that was saved has been added."""
    if ctx.residuals:
        raise RlxcError(
            f"{where}: {len(ctx.residuals)} ResidualSave without a ResidualAdd",
            hint="end each residual block with ResidualAdd()",
        )
