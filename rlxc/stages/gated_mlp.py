"""What gated feed-forward stages share."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Self

from xdsl.ir import SSAValue

from rlxc.dialects.rlx import Activation, GluOp, MatmulOp
from rlxc.dialects.rlx.base import shape_of
from rlxc.stages.checks import require_key_name
from rlxc.stages.context import FlowContext
from rlxc.stages.stage import Stage


@dataclass(frozen=True)
class GatedMlp(Stage):
    """`(act(x . gate) * (x . up)) . down`; the weights are stored `[out, in]`.

    With `bias`, each projection has one, under the key of the weight with `.bias` for `.weight`.
    """

    gate_key: str
    up_key: str
    down_key: str
    bias: bool = False

    def __post_init__(self) -> None:
        for field in ("gate_key", "up_key", "down_key"):
            require_key_name(type(self).__name__, field, getattr(self, field))

    @classmethod
    def hf_mlp(cls, prefix: str) -> Self:
        """The feed-forward block of a Hugging Face layer such as `model.layers.0`, or of its `.mlp`."""
        mlp = prefix if prefix.endswith(".mlp") else f"{prefix}.mlp"
        return cls(f"{mlp}.gate_proj.weight", f"{mlp}.up_proj.weight", f"{mlp}.down_proj.weight")

    @property
    def label(self) -> str:
        """`SwiGlu(model.layers.0.mlp)`."""
        return f"{type(self).__name__}({self.gate_key.removesuffix('.weight').removesuffix('.gate_proj')})"

    @property
    @abstractmethod
    def activation(self) -> Activation:
        """The nonlinearity of the gate."""

    def emit(self, ctx: FlowContext, x: SSAValue) -> SSAValue:
        """See `Stage`."""
        features = ctx.features(x)
        gate_weight = ctx.param(self.gate_key, field="gate_key", shape=(None, features), transposed=True)
        width = shape_of(gate_weight)[1]
        up_weight = ctx.param(self.up_key, field="up_key", shape=(width, features), transposed=True)
        gate = ctx.emit(MatmulOp(x, gate_weight, bias=self._bias(ctx, "gate_key", width)), "gate")
        up = ctx.emit(MatmulOp(x, up_weight, bias=self._bias(ctx, "up_key", width)), "up")
        hidden = ctx.emit(GluOp(gate, up, self.activation), "gated")
        down_weight = ctx.param(self.down_key, field="down_key", shape=(None, width), transposed=True)
        bias = self._bias(ctx, "down_key", shape_of(down_weight)[1])
        return ctx.emit(MatmulOp(hidden, down_weight, bias=bias), "down")

    def _bias(self, ctx: FlowContext, field: str, width: int) -> SSAValue | None:
        """The bias of the projection whose key is in `field`."""
        if not self.bias:
            return None
        key: str = getattr(self, field)
        return ctx.param(f"{key.removesuffix('.weight')}.bias", field=field, shape=(width,))
