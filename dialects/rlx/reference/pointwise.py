"""Activations and caps, from the formulas."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rlxc.dialects.rlx.attributes import Activation

Array = NDArray[Any]

_erf = np.vectorize(math.erf, otypes=[np.float64])


def silu(x: Array) -> Array:
    """`x / (1 + exp(-x))`."""
    with np.errstate(over="ignore"):
        return x / (1 + np.exp(-x))


def gelu(x: Array) -> Array:
    """`x/2 (1 + erf(x / sqrt 2))`."""
    return x / 2 * (1 + _erf(x / math.sqrt(2)).astype(x.dtype)) if x.size else x


def gelu_tanh(x: Array) -> Array:
    """`x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))`."""
    return x / 2 * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def relu(x: Array) -> Array:
    """`max(x, 0)`."""
    return np.maximum(x, 0)


ACTIVATIONS: dict[Activation, Callable[[Array], Array]] = {
    Activation.SILU: silu,
    Activation.GELU: gelu,
    Activation.GELU_TANH: gelu_tanh,
    Activation.RELU: relu,
}


def softcap(x: Array, cap: float) -> Array:
    """`cap * tanh(x / cap)`."""
    return cap * np.tanh(x / cap)
