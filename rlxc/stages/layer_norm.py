"""Layer norm."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.ir import SSAValue

from rlxc.dialects.rlx import LayerNormOp
from rlxc.stages.checks import require_key_name, require_real
from rlxc.stages.context import FlowContext
from rlxc.stages.stage import Stage, labelled


@dataclass(frozen=True)
class LayerNorm(Stage):
    """`(x - mean(x)) / sqrt(var(x) + eps) * gamma + beta`; `beta` may be absent."""

    gamma_key: str
    beta_key: str | None = None
    eps: float = 1e-5

    def __post_init__(self) -> None:
        require_key_name("LayerNorm", "gamma_key", self.gamma_key)
        require_key_name("LayerNorm", "beta_key", self.beta_key, optional=True)
        require_real("LayerNorm", "eps", self.eps, least=0.0)

    @property
    def label(self) -> str:
        """`LayerNorm(gpt_neox.layers.0.input_layernorm)`."""
        return labelled(self, self.gamma_key)

    def emit(self, ctx: FlowContext, x: SSAValue) -> SSAValue:
        """See `Stage`."""
        shape = (ctx.features(x),)
        gamma = ctx.param(self.gamma_key, field="gamma_key", shape=shape)
        beta = None if self.beta_key is None else ctx.param(self.beta_key, field="beta_key", shape=shape)
        return ctx.emit(LayerNormOp(x, gamma, beta, eps=self.eps), "normed")
