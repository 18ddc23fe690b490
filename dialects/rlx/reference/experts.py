"""Mixtures of experts, from the formulas."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rlxc.dialects.rlx.attributes import Activation
from rlxc.dialects.rlx.reference.pointwise import ACTIVATIONS

Array = NDArray[Any]


def route(logits: Array, expert_scale: Array | None, *, top_k: int, renormalize: bool) -> Array:
    """The softmax over the experts, without those that are not among the `top_k` largest of their token."""
    weights = np.exp(logits - np.max(logits, axis=-1, keepdims=True))
    chosen = np.argsort(-logits, axis=-1, kind="stable")[..., :top_k]
    kept = np.zeros_like(weights)
    np.put_along_axis(kept, chosen, np.take_along_axis(weights, chosen, axis=-1), axis=-1)
    gates = kept / np.sum(kept if renormalize else weights, axis=-1, keepdims=True)
    return gates if expert_scale is None else gates * expert_scale


def moe(x: Array, gates: Array, gate_up: Array, down: Array, activation: Activation) -> Array:
    """The sum of `gates[..., e]` times expert `e`, over those that are not 0."""
    result, experts = np.zeros_like(x), gates.shape[-1]
    gate_ups, downs = np.split(gate_up, experts, axis=-1), np.split(down, experts, axis=-1)
    for expert in range(experts):
        gate, up = np.split(x @ gate_ups[expert], 2, axis=-1)
        out = (ACTIVATIONS[activation](gate) * up) @ downs[expert]
        weight = gates[..., expert, None]
        result = result + weight * np.where(weight == 0, 0, out)
    return result
