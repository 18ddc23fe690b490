"""What there is to say of an encoder in a few lines."""

from __future__ import annotations

import math

from rlxc.models.config import EncoderConfig
from rlxc.runtime.generation.encoder_weights import used_tensors
from rlxc.weights import WeightSource


def encoder_summary(config: EncoderConfig, weights: WeightSource) -> str:
    """Layers, parameters, positions, and the tensors of the checkpoint that the model does not read."""
    used = used_tensors(config, weights)
    unused = sorted(set(weights.keys()) - used)
    parameters = sum(math.prod(weights.shape(key)) for key in used)
    lines = [
        f"{config.model_type}: an encoder of {config.num_layers} equal layers, of {config.hidden_size} features",
        f"parameters: {parameters:,}, of {len(used)} tensors",
        f"positions: {config.max_positions}, types of tokens: {config.type_vocab_size}",
        *([f"not used: {', '.join(unused)}"] if unused else []),
    ]
    return "\n".join(lines)
