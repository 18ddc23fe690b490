"""Llama, and what differs from it by numbers only: Mistral (a window), Qwen2 (biases), Qwen3 (norms of Q and K)."""

from __future__ import annotations

from collections.abc import Callable

from rlxc.models.config import DecoderConfig, LayerConfig
from rlxc.models.recipes.attention import attention
from rlxc.models.recipes.form import Form
from rlxc.models.recipes.mlp import gated_mlp
from rlxc.models.recipes.recipe import Recipe
from rlxc.stages import ResidualAdd, ResidualSave, RmsNorm, Stage


def dense(own: LayerConfig) -> list[Stage]:
    """One feed-forward block for all tokens."""
    return [gated_mlp(own.mlp)]


def layer(
    config: DecoderConfig, own: LayerConfig, form: Form, fed: Callable[[LayerConfig], list[Stage]] = dense
) -> list[Stage]:
    """`x += attention(norm(x)); x += fed(norm(x))` (Touvron et al. 2023)."""
    return [
        ResidualSave(),
        norm(config, "input_layernorm"),
        *attention(config, own.attention, form),
        ResidualAdd(),
        ResidualSave(),
        norm(config, "post_attention_layernorm"),
        *fed(own),
        ResidualAdd(),
    ]


def norm(config: DecoderConfig, name: str) -> RmsNorm:
    """The norm of a name."""
    return RmsNorm(f"{name}.weight", config.norm_eps, config.norm_offset)


def final_norm(config: DecoderConfig) -> RmsNorm:
    """The norm before the head."""
    return norm(config, "model.norm")


LLAMA = Recipe(layer, final_norm)
