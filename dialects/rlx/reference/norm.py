"""Normalisations, from the formulas."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def rms_norm(x: Array, gamma: Array | None, *, eps: float, offset: float = 0.0, head_dim: int | None = None) -> Array:
    """`x / sqrt(mean(x^2) + eps) * (offset + gamma)`, over the last axis or over each head of it."""
    heads = x if head_dim is None else x.reshape(*x.shape[:-1], x.shape[-1] // head_dim, head_dim)
    normed = heads / np.sqrt(np.mean(heads * heads, axis=-1, keepdims=True) + eps)
    if gamma is not None:
        normed = normed * (offset + gamma)
    return normed.reshape(x.shape)


def layer_norm(x: Array, gamma: Array, beta: Array | None, *, eps: float) -> Array:
    """`(x - mean) / sqrt(variance + eps) * gamma + beta`, over the last axis."""
    centred = x - np.mean(x, axis=-1, keepdims=True)
    normed = centred / np.sqrt(np.mean(centred * centred, axis=-1, keepdims=True) + eps) * gamma
    return normed if beta is None else normed + beta
