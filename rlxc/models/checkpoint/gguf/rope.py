"""Rotary embeddings as the metadata of a GGUF file gives them, in the words of `rope_parameters`."""

from __future__ import annotations

import math
from typing import Any

from rlxc.models.checkpoint.gguf.metadata import Metadata
from rlxc.weights import WeightSource

FREQUENCY_FACTORS = "rope_freqs.weight"
"""A tensor [head_dim/2] that the frequencies are divided by."""

YARN = {"yarn_beta_fast": "beta_fast", "yarn_beta_slow": "beta_slow"}

NEVER = 1e29
"""Factors from this size mean that a pair does not rotate at all."""


def rope_parameters(metadata: Metadata, weights: WeightSource, head_dim: int) -> dict[str, Any]:
    """`rope_parameters` of a model all of whose layers rotate alike."""
    rope: dict[str, Any] = {"rope_type": "default", "rope_theta": metadata.number("rope.freq_base", 10000.0)}
    rotated = metadata.integer("rope.dimension_count", head_dim)
    if rotated != head_dim:
        rope["partial_rotary_factor"] = rotated / head_dim
    return rope | scaling(metadata) | longrope(metadata, weights)


def scaling(metadata: Metadata) -> dict[str, Any]:
    """What stretches the positions; nothing if nothing does."""
    factor = scaling_factor(metadata)
    kind = metadata.text("rope.scaling.type", "none" if factor is None else "linear")
    if kind not in ("linear", "yarn"):
        return {}
    if factor is None:
        factor = metadata.number("rope.scaling.factor")
    return {"rope_type": kind, "factor": factor} | (yarn(metadata, factor) if kind == "yarn" else {})


def scaling_factor(metadata: Metadata) -> float | None:
    """By what positions are divided; old files have another key for it, and 0 for none."""
    for key in ("rope.scaling.factor", "rope.scale_linear"):
        if metadata.has(key) and (factor := metadata.number(key)) != 0:
            return factor
    return None


def yarn(metadata: Metadata, factor: float) -> dict[str, Any]:
    """What YaRN needs besides a factor."""
    found: dict[str, Any] = {}
    if metadata.has("rope.scaling.original_context_length"):
        found["original_max_position_embeddings"] = metadata.integer("rope.scaling.original_context_length")
    for key, name in YARN.items():
        if metadata.has(f"rope.scaling.{key}"):
            found[name] = metadata.number(f"rope.scaling.{key}")
    return found | attention_factor(metadata, 0.1 * math.log(max(factor, 1.0)) + 1.0)


def attention_factor(metadata: Metadata, default: float) -> dict[str, float]:
    """By what tables are multiplied: the file may multiply the default of the kind once more (`llama.cpp`)."""
    key = "rope.scaling.attn_factor"
    return {"attention_factor": default * metadata.number(key)} if metadata.has(key) else {}


def longrope(metadata: Metadata, weights: WeightSource) -> dict[str, Any]:
    """The factors of Phi-3, which are tensors of the file."""
    names = {"short_factor": "rope_factors_short.weight", "long_factor": "rope_factors_long.weight"}
    if not all(name in weights.keys() for name in names.values()):
        return {}
    factors = {key: weights.get(name).reshape(-1).tolist() for key, name in names.items()}
    return {"rope_type": "longrope", **factors, **attention_factor(metadata, 1.0)}


def proportional(weights: WeightSource, theta: float) -> dict[str, Any] | None:
    """`rope_parameters` of the full layers of Gemma 4: some pairs rotate, the others never do.

    None if the factors of the file say something else.
    """
    if FREQUENCY_FACTORS not in weights.keys():
        return {"rope_type": "default", "rope_theta": theta}
    factors = weights.get(FREQUENCY_FACTORS).reshape(-1)
    rotating = int((factors == 1).sum())
    if not ((factors[:rotating] == 1).all() and (factors[rotating:] >= NEVER).all() and len(factors)):
        return None
    share = rotating / len(factors)
    return {"rope_type": "proportional", "rope_theta": theta, "partial_rotary_factor": share}
