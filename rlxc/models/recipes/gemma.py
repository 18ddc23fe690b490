"""Gemma 2, 3 and 4: norms before and after each block."""

from __future__ import annotations

from rlxc.models.config import DecoderConfig, LayerConfig
from rlxc.models.recipes.attention import attention
from rlxc.models.recipes.form import Form
from rlxc.models.recipes.gemma_experts import beside_experts, gemma_expert_weights
from rlxc.models.recipes.llama import final_norm, norm
from rlxc.models.recipes.mlp import gated_mlp
from rlxc.models.recipes.per_layer_inputs import per_layer_block
from rlxc.models.recipes.recipe import Recipe
from rlxc.stages import ResidualAdd, ResidualSave, Scale, Stage


def layer(config: DecoderConfig, own: LayerConfig, form: Form) -> list[Stage]:
    """`x += norm(attention(norm(x))); x += norm(mlp(norm(x)))`.

    In Gemma 4 a block on the input of the layer's own may follow, and the scalar of the layer.
    """
    return [
        ResidualSave(),
        norm(config, "input_layernorm"),
        *attention(config, own.attention, form),
        norm(config, "post_attention_layernorm"),
        ResidualAdd(),
        ResidualSave(),
        *fed(config, own),
        norm(config, "post_feedforward_layernorm"),
        ResidualAdd(),
        *per_layer_block(config, own.mlp.activation),
        *([Scale("layer_scalar")] if config.layer_scalar else []),
    ]


def fed(config: DecoderConfig, own: LayerConfig) -> list[Stage]:
    """The feed-forward block, and beside it the experts of Gemma 4."""
    dense = [norm(config, "pre_feedforward_layernorm"), gated_mlp(own.mlp)]
    return dense if own.experts is None else beside_experts(config, own, own.experts, dense)


GEMMA = Recipe(layer, final_norm, weights=gemma_expert_weights)
