"""Rope tables that the caller gives."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.ir import SSAValue

from rlxc.stages.checks import require_name
from rlxc.stages.context import FlowContext
from rlxc.stages.kv_cache import side_input
from rlxc.stages.rope_slots import RopePair
from rlxc.stages.stage import Stage


@dataclass(frozen=True)
class RopeInputs(Stage):
    """The inputs `{name}_cos` and `{name}_sin`, `[positions, n_rot / 2]`, for the layers whose `rope_table` is `name`.

    For rotations that depend on the length of the sequence.
    """

    name: str

    def __post_init__(self) -> None:
        require_name("RopeInputs", "name", self.name)

    @property
    def label(self) -> str:
        """`RopeInputs(global)`."""
        return f"RopeInputs({self.name})"

    def emit(self, ctx: FlowContext, x: SSAValue) -> SSAValue:
        """See `Stage`. Passes `x` on."""
        cos, sin = (side_input(ctx, f"{self.name}_{kind}", "input") for kind in ("cos", "sin"))
        ctx.rope.store(self.name, RopePair(cos, sin))
        return x
