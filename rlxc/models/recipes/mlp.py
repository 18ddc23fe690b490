"""The feed-forward block of a decoder layer, from its config."""

from __future__ import annotations

from rlxc.models.config import MlpConfig
from rlxc.stages import GeGlu, Glu, Stage, SwiGlu


def gated_mlp(mlp: MlpConfig, prefix: str = "mlp") -> Stage:
    """The gated feed-forward block of a Hugging Face layer."""
    keys = [f"{prefix}.{name}_proj.weight" for name in ("gate", "up", "down")]
    match mlp.activation:
        case "silu":
            return SwiGlu(*keys, bias=mlp.bias)
        case "gelu_tanh":
            return GeGlu(*keys, bias=mlp.bias)
        case other:
            return Glu(*keys, bias=mlp.bias, act=other)
