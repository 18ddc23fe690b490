"""Reading decoders."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from rlxc.diagnostics import RlxcError, did_you_mean
from rlxc.models.config.decoder import DecoderConfig, PerLayerInputs
from rlxc.models.config.families import FAMILIES
from rlxc.models.config.family import Family
from rlxc.models.config.layer import LayerConfig, LayerType
from rlxc.models.config.layers import read_layers
from rlxc.models.config.read_encoder import ENCODERS
from rlxc.models.config.reader import ConfigReader
from rlxc.models.config.rope_parameters import read_rope
from rlxc.models.config.switches import switched
from rlxc.models.rope import Rope

HARMLESS = ("vision",)
"""Values of keys that are not supported which change nothing for text: attention in both directions in images only."""


def read_decoder(raw: Mapping[str, Any]) -> DecoderConfig:
    """The decoder that a config describes. Raises RlxcError as `read_config` does."""
    model_type, family = family_of(ConfigReader(raw))
    config = ConfigReader({**family.defaults, **raw})
    layers = read_layers(config, family)
    hidden = config.integer("hidden_size")
    return DecoderConfig(
        model_type=model_type,
        vocab_size=config.integer("vocab_size"),
        hidden_size=hidden,
        layers=layers,
        ropes=read_ropes(config, family, layers),
        max_positions=config.integer("max_position_embeddings", family.max_positions),
        norm_eps=config.number(family.norm_eps_key, family.norm_eps),
        norm_offset=config.number("norm_weight_offset", family.norm_offset, positive=False),
        embedding_scale=math.sqrt(hidden) if family.scaled_embeddings else 1.0,
        tied_embeddings=config.flag("tie_word_embeddings", family.tied_embeddings),
        logit_softcap=logit_softcap(config, family),
        parallel_residual=switched(config, family.parallel_residual),
        layer_scalar=family.layer_scalar,
        per_layer_inputs=read_per_layer_inputs(config, family),
        rope_factors_key=config.text("rope_factors_key") if config.has("rope_factors_key") else None,
        stop_ids=read_stop_ids(config.raw),
        pad_id=config.token("pad_token_id"),
    )


def read_stop_ids(raw: Mapping[str, Any]) -> tuple[int, ...]:
    """The tokens that end a text, as a config or a generation config says."""
    return ConfigReader(raw).integers("eos_token_id")


def family_of(config: ConfigReader) -> tuple[str, Family]:
    """The model type and its family."""
    model_type = config.text("model_type")
    if model_type not in FAMILIES:
        raise RlxcError(
            f"unknown model type '{model_type}'{did_you_mean(model_type, (*FAMILIES, *ENCODERS))}",
            hint=f"supported are {', '.join(sorted((*FAMILIES, *ENCODERS)))}",
        )
    family = FAMILIES[model_type]
    for key in family.unsupported:
        if config.raw.get(key) and config.raw[key] not in HARMLESS:
            raise RlxcError(f"the config's '{key}' is {config.raw[key]!r:.80}: such models are not supported")
    return model_type, family


def read_ropes(config: ConfigReader, family: Family, layers: tuple[LayerConfig, ...]) -> dict[LayerType, Rope]:
    """The rotary embedding of each type of layer. Layers of a type have heads of one width."""
    ropes: dict[LayerType, Rope] = {}
    for layer in layers:
        kind, head_dim = layer.attention.type, layer.attention.head_dim
        rope = read_rope(config, family, kind, head_dim)
        if ropes.setdefault(kind, rope) != rope:
            raise RlxcError(f"the config has {kind} layers with heads of different widths, such as {head_dim}")
    return ropes


def read_per_layer_inputs(config: ConfigReader, family: Family) -> PerLayerInputs | None:
    """The embedding that each layer has of its own, unless its width is 0."""
    if not family.per_layer_inputs:
        return None
    width = config.integer("hidden_size_per_layer_input", 0, least=0)
    return PerLayerInputs(width, config.integer("vocab_size_per_layer_input")) if width else None


def logit_softcap(config: ConfigReader, family: Family) -> float | None:
    """The bound of the logits."""
    key = "final_logit_softcapping"
    return config.number(key) if family.caps_logits and config.has(key) else None
