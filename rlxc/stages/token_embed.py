"""Token embedding."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.ir import SSAValue

from rlxc.dialects.rlx import EmbedOp
from rlxc.stages.checks import require_key_name, require_real
from rlxc.stages.context import FlowContext
from rlxc.stages.stage import Stage, labelled


@dataclass(frozen=True)
class TokenEmbed(Stage):
    """`scale * table[ids]`: token ids `[B, S]` become activations. The table is stored `[vocabulary, features]`.

    `scale` is `sqrt(features)` in Gemma.
    """

    key: str
    scale: float = 1.0

    def __post_init__(self) -> None:
        require_key_name("TokenEmbed", "key", self.key)
        require_real("TokenEmbed", "scale", self.scale)

    @property
    def label(self) -> str:
        """`TokenEmbed(model.embed_tokens)`."""
        return labelled(self, self.key)

    def emit(self, ctx: FlowContext, x: SSAValue) -> SSAValue:
        """See `Stage`."""
        return ctx.emit(EmbedOp(ctx.param(self.key, shape=(None, None)), x, scale=self.scale), "embedded")
