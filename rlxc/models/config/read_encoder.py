"""Reading encoders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rlxc.diagnostics import RlxcError
from rlxc.models.config.encoder import EncoderConfig
from rlxc.models.config.layer import MlpConfig
from rlxc.models.config.layers import ACTIVATIONS, MOST_LAYERS
from rlxc.models.config.reader import ConfigReader

ENCODERS = ("bert",)
"""The values of `model_type`."""

ONLY: Mapping[str, object] = {"position_embedding_type": "absolute", "is_decoder": False, "add_cross_attention": False}
"""Key -> the one value that is supported; models with another one compute something else."""


def read_encoder(raw: Mapping[str, Any]) -> EncoderConfig:
    """The encoder that a config describes. Raises RlxcError as `read_config` does."""
    config = ConfigReader(raw)
    for key, value in ONLY.items():
        if config.has(key) and raw[key] != value:
            raise RlxcError(
                f"the config's '{key}' is {raw[key]!r:.80}: such models are not supported", hint=f"only {value!r} is"
            )
    hidden, heads = config.integer("hidden_size"), config.integer("num_attention_heads")
    if hidden % heads:
        raise config.error("num_attention_heads", heads, f"a divisor of hidden_size = {hidden}")
    activation = ACTIVATIONS[config.choice("hidden_act", ACTIVATIONS, "gelu")]
    return EncoderConfig(
        model_type=config.text("model_type"),
        vocab_size=config.integer("vocab_size"),
        hidden_size=hidden,
        num_layers=config.integer("num_hidden_layers", most=MOST_LAYERS),
        num_heads=heads,
        mlp=MlpConfig(config.integer("intermediate_size"), activation, gated=False, bias=True),
        max_positions=config.integer("max_position_embeddings", 512),
        type_vocab_size=config.integer("type_vocab_size", 2),
        norm_eps=config.number("layer_norm_eps", 1e-12),
        pad_id=config.token("pad_token_id", 0),
    )
