"""RMS norm."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.ir import SSAValue

from rlxc.dialects.rlx import RmsNormOp
from rlxc.stages.checks import require_key_name, require_positive, require_real
from rlxc.stages.context import FlowContext
from rlxc.stages.stage import Stage, labelled


@dataclass(frozen=True)
class RmsNorm(Stage):
    """`x / sqrt(mean(x^2) + eps) * (offset + weight)`; without a key, no weight. `offset` is 1 in Gemma 2 and 3.

    With `width`, each group of so many features is normalised apart, by one weight `[width]`.
    """

    key: str | None
    eps: float = 1e-6
    offset: float = 0.0
    width: int | None = None

    def __post_init__(self) -> None:
        require_key_name("RmsNorm", "key", self.key, optional=True)
        require_real("RmsNorm", "eps", self.eps, least=0.0)
        require_real("RmsNorm", "offset", self.offset)
        if self.width is not None:
            require_positive("RmsNorm", "width", self.width)

    @property
    def label(self) -> str:
        """`RmsNorm(model.layers.0.input_layernorm)`."""
        return "RmsNorm" if self.key is None else labelled(self, self.key)

    def emit(self, ctx: FlowContext, x: SSAValue) -> SSAValue:
        """See `Stage`."""
        features = ctx.features(x)
        gamma = None if self.key is None else ctx.param(self.key, shape=(self.width or features,))
        return ctx.emit(RmsNormOp(x, gamma, eps=self.eps, offset=self.offset, head_dim=self.width), "normed")
