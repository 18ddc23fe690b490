"""A projection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from xdsl.ir import SSAValue

from rlxc.dialects.rlx import Activation, MatmulOp
from rlxc.dialects.rlx.base import shape_of
from rlxc.stages.checks import choice, require_key_name
from rlxc.stages.context import FlowContext
from rlxc.stages.stage import Stage, labelled

ActivationName = Literal["silu", "gelu", "gelu_tanh", "relu"]


@dataclass(frozen=True)
class Linear(Stage):
    """`act(x . weight + bias)`. The weight is stored `[out, in]` with `transpose`, as in PyTorch, else `[in, out]`."""

    key: str
    transpose: bool = True
    bias_key: str | None = None
    activation: ActivationName | None = None

    def __post_init__(self) -> None:
        require_key_name("Linear", "key", self.key)
        require_key_name("Linear", "bias_key", self.bias_key, optional=True)
        if self.activation is not None:
            choice("Linear", "activation", Activation, self.activation)

    @property
    def label(self) -> str:
        """`Linear(model.layers.0.self_attn.o_proj)`."""
        return labelled(self, self.key)

    def emit(self, ctx: FlowContext, x: SSAValue) -> SSAValue:
        """See `Stage`."""
        features = ctx.features(x)
        shape = (None, features) if self.transpose else (features, None)
        weight = ctx.param(self.key, shape=shape, transposed=self.transpose)
        out_features = shape_of(weight)[1]
        bias = None if self.bias_key is None else ctx.param(self.bias_key, field="bias_key", shape=(out_features,))
        activation = None if self.activation is None else Activation(self.activation)
        return ctx.emit(MatmulOp(x, weight, bias=bias, activation=activation), "projected")
