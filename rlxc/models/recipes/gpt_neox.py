"""GPT-NeoX and Pythia: layer norms, biases, and both blocks of a layer side by side."""

from __future__ import annotations

from rlxc.models.config import DecoderConfig, LayerConfig, MlpConfig
from rlxc.models.recipes.attention import AttentionNames, attention
from rlxc.models.recipes.form import Form
from rlxc.models.recipes.fused_weights import Rows
from rlxc.models.recipes.recipe import Recipe
from rlxc.stages import LayerNorm, Linear, ResidualAdd, ResidualSave, Stage, StreamAdd, StreamLoad, StreamSave
from rlxc.weights import WeightSource
from rlxc.weights.divided import DividedWeights

NAMES = AttentionNames("attention.query", "attention.key", "attention.value", "attention.dense")


def layer(config: DecoderConfig, own: LayerConfig, form: Form) -> list[Stage]:
    """`x + attention(norm(x)) + mlp(norm(x))` (Black et al. 2022), or one block after the other, as in Llama."""
    attended = [norm(config, "input_layernorm"), *attention(config, own.attention, form, NAMES)]
    fed = [norm(config, "post_attention_layernorm"), *mlp(own.mlp)]
    if not config.parallel_residual:
        return [ResidualSave(), *attended, ResidualAdd(), ResidualSave(), *fed, ResidualAdd()]
    beside = [StreamSave("attended"), StreamLoad("x"), *fed, StreamAdd("attended")]
    return [StreamSave("x"), ResidualSave(), *attended, ResidualAdd(), *beside]


def mlp(own: MlpConfig) -> list[Stage]:
    """`gelu(x . up + b) . down + b`."""
    up, down = "mlp.dense_h_to_4h", "mlp.dense_4h_to_h"
    return [
        Linear(f"{up}.weight", bias_key=f"{up}.bias", activation=own.activation),
        Linear(f"{down}.weight", bias_key=f"{down}.bias"),
    ]


def norm(config: DecoderConfig, name: str) -> LayerNorm:
    """The norm of a name."""
    return LayerNorm(f"{name}.weight", f"{name}.bias", config.norm_eps)


def final_norm(config: DecoderConfig) -> LayerNorm:
    """The norm before the head."""
    return norm(config, "gpt_neox.final_layer_norm")


def weights(config: DecoderConfig, source: WeightSource) -> WeightSource:
    """Q, K and V apart: the rows of one tensor are those of each head's `q | k | v`."""
    parts: dict[str, Rows] = {}
    for number, one in enumerate(config.layers):
        heads, width = one.attention.num_heads, one.attention.head_dim
        name = f"gpt_neox.layers.{number}"
        for kind in ("weight", "bias") if one.attention.qkv_bias else ("weight",):
            fused = f"{name}.attention.query_key_value.{kind}"
            for index, part in enumerate((NAMES.q, NAMES.k, NAMES.v)):
                parts[f"{name}.{part}.{kind}"] = Rows(fused, index * width, width, 3 * width, heads)
    return DividedWeights(source, parts)


GPT_NEOX = Recipe(
    layer, final_norm, "gpt_neox.embed_in.weight", "embed_out.weight", "gpt_neox.layers.{}.", weights=weights
)
