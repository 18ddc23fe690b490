"""Rope tables that layers ask for by name."""

from __future__ import annotations

from dataclasses import dataclass, field

from xdsl.ir import SSAValue

from rlxc.stages.checks import require_key_name
from rlxc.stages.context import FlowContext
from rlxc.stages.rope_table_source import check_tables, emit_tables
from rlxc.stages.stage import Stage
from rlxc.weights.source import Array


@dataclass(frozen=True)
class NamedRopeTables(Stage):
    """As `RopeTables`, for the layers whose `rope_table` is `name`.

    Arrays `cos` and `sin` become the parameters `{name}_cos` and `{name}_sin`.
    """

    name: str
    theta: float | None = None
    n_rot: int | None = None
    max_positions: int | None = None
    cos: Array | None = field(default=None, compare=False, repr=False)
    sin: Array | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        require_key_name("NamedRopeTables", "name", self.name)
        check_tables(self.label, self)

    @property
    def label(self) -> str:
        """`NamedRopeTables(global)`."""
        return f"NamedRopeTables({self.name})"

    @staticmethod
    def from_arrays(name: str, cos: Array, sin: Array) -> NamedRopeTables:
        """Tables `[positions, n_rot / 2]`."""
        return NamedRopeTables(name, cos=cos, sin=sin)

    def emit(self, ctx: FlowContext, x: SSAValue) -> SSAValue:
        """See `Stage`. Passes `x` on."""
        emit_tables(ctx, self, self.name)
        return x
