"""The default rope tables of a flow."""

from __future__ import annotations

from dataclasses import dataclass, field

from xdsl.ir import SSAValue

from rlxc.stages.context import FlowContext
from rlxc.stages.rope_table_source import check_tables, emit_tables
from rlxc.stages.stage import Stage
from rlxc.weights.source import Array


@dataclass(frozen=True)
class RopeTables(Stage):
    """Rope tables for the layers after this stage: `cos(p * theta ** (-2i / n_rot))`, and sines.

    They serve sequences of at most `max_positions`. Or they are given: see `from_arrays`.
    """

    theta: float | None = None
    n_rot: int | None = None
    max_positions: int | None = None
    cos: Array | None = field(default=None, compare=False, repr=False)
    sin: Array | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        check_tables("RopeTables", self)

    @staticmethod
    def from_arrays(cos: Array, sin: Array) -> RopeTables:
        """Tables `[positions, n_rot / 2]`; they become the parameters `rope.cos` and `rope.sin`."""
        return RopeTables(cos=cos, sin=sin)

    def emit(self, ctx: FlowContext, x: SSAValue) -> SSAValue:
        """See `Stage`. Passes `x` on."""
        emit_tables(ctx, self, None)
        return x
