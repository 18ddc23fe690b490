"""Rotary embeddings as the metadata of a GGUF file gives them, in the words of `rope_parameters`."""

from __future__ import annotations

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
    return rope | scaling(metadata) | longrope(weights)


def scaling(metadata: Metadata) -> dict[str, Any]:
    """What stretches the positions; nothing if nothing does."""
    kind = metadata.text("rope.scaling.type", "none")
    if kind not in ("linear", "yarn"):
        return {}
    found: dict[str, Any] = {"rope_type": kind, "factor": metadata.number("rope.scaling.factor")}
    if kind == "yarn":
        if metadata.has("rope.scaling.original_context_length"):
            original = metadata.integer("rope.scaling.original_context_length")
            found["original_max_position_embeddings"] = original
        for key, name in YARN.items():
            if metadata.has(f"rope.scaling.{key}"):
                found[name] = metadata.number(f"rope.scaling.{key}")
    return found


def longrope(weights: WeightSource) -> dict[str, Any]:
    """The factors of Phi-3, which are tensors of the file."""
    names = {"short_factor": "rope_factors_short.weight", "long_factor": "rope_factors_long.weight"}
    if not all(name in weights.keys() for name in names.values()):
        return {}
    factors = {key: weights.get(name).reshape(-1).tolist() for key, name in names.items()}
    return {"rope_type": "longrope", **factors}


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
