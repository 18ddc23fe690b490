"""What a stage is."""

from __future__ import annotations

from abc import ABC, abstractmethod

from xdsl.ir import SSAValue

from rlxc.stages.context import FlowContext


class Stage(ABC):
    """One step of a flow: a small frozen dataclass that emits operations.

    Errors are raised as RlxcError; the flow adds which stage it was, and where it stands.
    """

    @property
    def label(self) -> str:
        """How messages call this stage, such as `Linear(model.layers.0.self_attn.o_proj)`."""
        return type(self).__name__

    @abstractmethod
    def emit(self, ctx: FlowContext, x: SSAValue) -> SSAValue:
        """Emit this stage's operations on `x`, by `ctx.emit`; the result is what the next stage takes."""


def labelled(stage: Stage, key: str) -> str:
    """The name of a stage with the key that tells it from others."""
    return f"{type(stage).__name__}({key.removesuffix('.weight')})"
