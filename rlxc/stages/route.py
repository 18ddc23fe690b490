"""Which experts a token gets."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.ir import SSAValue

from rlxc.dialects.rlx import MatmulOp, RouteOp
from rlxc.dialects.rlx.base import shape_of
from rlxc.stages.checks import require_key_name, require_positive
from rlxc.stages.context import FlowContext
from rlxc.stages.stage import Stage, labelled


@dataclass(frozen=True)
class Route(Stage):
    """The weights of the experts, `[batch, seq, experts]`: the `top_k` largest terms of `softmax(x . weight)`, else 0.

    The weight is stored `[experts, features]`. With `renormalize` those that are kept sum to one; then each is
    multiplied by its number in `scale_key`, stored `[experts]`.
    """

    key: str
    top_k: int
    renormalize: bool = False
    scale_key: str | None = None

    def __post_init__(self) -> None:
        require_key_name("Route", "key", self.key)
        require_positive("Route", "top_k", self.top_k)
        require_key_name("Route", "scale_key", self.scale_key, optional=True)

    @property
    def label(self) -> str:
        """`Route(model.layers.0.mlp.gate)`."""
        return labelled(self, self.key)

    def emit(self, ctx: FlowContext, x: SSAValue) -> SSAValue:
        """See `Stage`."""
        weight = ctx.param(self.key, shape=(None, ctx.features(x)), transposed=True)
        experts = shape_of(weight)[1]
        scale = None if self.scale_key is None else ctx.param(self.scale_key, field="scale_key", shape=(experts,))
        logits = ctx.emit(MatmulOp(x, weight), "router_logits")
        return ctx.emit(RouteOp(logits, self.top_k, renormalize=self.renormalize, expert_scale=scale), "gates")
