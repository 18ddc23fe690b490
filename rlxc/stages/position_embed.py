"""Learned positions."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.ir import SSAValue

from rlxc.dialects.rlx import PositionEmbedOp
from rlxc.stages.checks import require_key_name, require_name
from rlxc.stages.context import FlowContext
from rlxc.stages.kv_cache import index_input
from rlxc.stages.stage import Stage, labelled


@dataclass(frozen=True)
class PositionEmbed(Stage):
    """`x + table[s]` at each place `s` of the sequence. The table is stored `[positions, features]`.

    `position` names the index that says where in the sequence `x` begins; it is 0 if None.
    """

    key: str
    position: str | None = None

    def __post_init__(self) -> None:
        require_key_name("PositionEmbed", "key", self.key)
        require_name("PositionEmbed", "position", self.position, optional=True)

    @property
    def label(self) -> str:
        """`PositionEmbed(embeddings.position_embeddings)`."""
        return labelled(self, self.key)

    def emit(self, ctx: FlowContext, x: SSAValue) -> SSAValue:
        """See `Stage`."""
        table = ctx.param(self.key, shape=(None, ctx.features(x)))
        first = None if self.position is None else index_input(ctx, self.position)
        return ctx.emit(PositionEmbedOp(x, table, position=first), "placed")
