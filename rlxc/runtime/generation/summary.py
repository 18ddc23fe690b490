"""What there is to say of a model in a few lines."""

from __future__ import annotations

import math

from rlxc.models.config import DecoderConfig, EncoderConfig, ModelConfig
from rlxc.models.recipes import cache_states, features
from rlxc.runtime.generation.encoder_summary import encoder_summary
from rlxc.weights import WeightSource

FLOAT32 = 4
"""Bytes of a number."""


def summary(config: ModelConfig, weights: WeightSource) -> str:
    """Layers, parameters, and what is particular about the model."""
    if isinstance(config, EncoderConfig):
        return encoder_summary(config, weights)
    return decoder_summary(config, weights)


def decoder_summary(config: DecoderConfig, weights: WeightSource) -> str:
    """Layers, parameters, and the bytes that the caches keep."""
    states = cache_states(config)
    kinds = len(set(config.layers))
    parameters = sum(math.prod(weights.shape(key)) for key in weights.keys())
    each_token = FLOAT32 * sum(state.features for state in states if state.window is None)
    lines = [
        f"{config.model_type}: {len(config.layers)} layers, {kinds} different, of {config.hidden_size} features",
        f"parameters: {parameters:,}, of {len(weights.keys())} tensors",
        f"caches: {each_token:,} bytes a token",
    ]
    if any(layer.experts is not None for layer in config.layers):
        lines.insert(2, expert_summary(config, parameters))
    both = [state for state in states if state.holds_both]
    if both:
        saved = FLOAT32 * sum(state.features for state in both)
        lines.append(f"K and V are one tensor in {len(both)} layers: {saved:,} bytes a token less")
    borrowing = [number for number, layer in enumerate(config.layers) if layer.attention.borrows_kv]
    if borrowing:
        saved = FLOAT32 * sum(2 * features(config.layers[number].attention) for number in borrowing)
        lines.append(f"K and V of {len(borrowing)} layers are those of earlier ones: {saved:,} bytes a token less")
    if config.window is not None:
        in_window = FLOAT32 * sum(state.features for state in states if state.window is not None)
        lines.append(f"sliding layers: {in_window:,} bytes a token, of the last {config.window} tokens")
    return "\n".join(lines)


def expert_summary(config: DecoderConfig, parameters: int) -> str:
    """How many experts a token has, and how many of all parameters."""
    mixtures = [layer.experts for layer in config.layers if layer.experts is not None]
    shares = dict.fromkeys(f"{one.top_k} of {one.count}" for one in mixtures)
    others = sum(3 * config.hidden_size * one.width * (one.count - one.top_k) for one in mixtures)
    return f"experts: {' or '.join(shares)} in {len(mixtures)} layers; {parameters - others:,} parameters a token"
