"""What the layers of Gemma 4 E models have beside the output of the layer before: an embedding of their own."""

from __future__ import annotations

import math

from rlxc.models.config import DecoderConfig
from rlxc.stages import (
    Linear,
    ResidualAdd,
    ResidualSave,
    RmsNorm,
    ScaleBy,
    Stage,
    StreamAdd,
    StreamLoad,
    StreamMul,
    StreamSave,
    StreamSplit,
    TokenEmbed,
)
from rlxc.stages.linear import ActivationName

NAME = "per_layer_input"

PER_LAYER_TABLE = "model.embed_tokens_per_layer.weight"


def embedding(config: DecoderConfig, key: str) -> list[Stage]:
    """The token embedding, and before it what layers have of their own, in parts called `per_layer_input_{layer}`.

    All layers together: `(norm(project(embedded) / sqrt(hidden_size)) + sqrt(width) * table[ids]) / sqrt(2)`.
    """
    own, embed = config.per_layer_inputs, TokenEmbed(key, config.embedding_scale)
    if own is None:
        return [embed]
    return [
        StreamSave("ids"),
        TokenEmbed(PER_LAYER_TABLE, math.sqrt(own.width)),
        StreamSave("tokens"),
        StreamLoad("ids"),
        embed,
        StreamSave("embedded"),
        Linear("model.per_layer_model_projection.weight"),
        ScaleBy(1 / math.sqrt(config.hidden_size)),
        RmsNorm("model.per_layer_projection_norm.weight", config.norm_eps, config.norm_offset, own.width),
        StreamAdd("tokens"),
        ScaleBy(1 / math.sqrt(2)),
        StreamSplit(NAME, len(config.layers)),
        StreamLoad("embedded"),
    ]


def per_layer_block(config: DecoderConfig, activation: ActivationName) -> list[Stage]:
    """`x += norm(project(act(gate(x)) * per_layer_input))`, if there is such an input."""
    if config.per_layer_inputs is None:
        return []
    return [
        ResidualSave(),
        Linear("per_layer_input_gate.weight", activation=activation),
        StreamMul(NAME),
        Linear("per_layer_projection.weight"),
        RmsNorm("post_per_layer_input_norm.weight", config.norm_eps, config.norm_offset),
        ResidualAdd(),
    ]


def per_layer_names(config: DecoderConfig, number: int) -> dict[str, str]:
    """The stream of the layer of a number: name within the layer -> name in the flow."""
    return {} if config.per_layer_inputs is None else {NAME: f"{NAME}_{number}"}
