"""The activations on vectors."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

from rlxc.dialects.rlx.attributes import Activation
from rlxc.passes.kernels.vectors import Vector, erf, exp, filled, greater, tanh


def silu(x: Vector) -> Vector:
    """`x / (1 + exp(-x))`."""
    return x / (exp(-x) + 1.0)


def gelu(x: Vector) -> Vector:
    """`x/2 (1 + erf(x / sqrt 2))`."""
    return x * 0.5 * (erf(x * math.sqrt(0.5)) + 1.0)


def gelu_tanh(x: Vector) -> Vector:
    """`x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))`."""
    return x * 0.5 * (tanh((x + x * x * x * 0.044715) * math.sqrt(2 / math.pi)) + 1.0)


def relu(x: Vector) -> Vector:
    """`max(x, 0)`."""
    return greater(x, filled(0.0, x.lanes))


ACTIVATIONS: Mapping[Activation, Callable[[Vector], Vector]] = MappingProxyType(
    {
        Activation.SILU: silu,
        Activation.GELU: gelu,
        Activation.GELU_TANH: gelu_tanh,
        Activation.RELU: relu,
    }
)
