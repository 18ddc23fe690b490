"""The activations, as formulas of one element."""

from __future__ import annotations

import math
from collections.abc import Callable

from rlxc.dialects.rlx.attributes import Activation
from rlxc.passes.lowering.scalars import Scalar, erf, exp, greater_float, tanh


def silu(x: Scalar) -> Scalar:
    """`x / (1 + exp(-x))`."""
    return x / (exp(-x) + 1.0)


def gelu(x: Scalar) -> Scalar:
    """`x/2 (1 + erf(x / sqrt 2))`."""
    return x / 2.0 * (erf(x / math.sqrt(2)) + 1.0)


def gelu_tanh(x: Scalar) -> Scalar:
    """`x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))`."""
    return x / 2.0 * (tanh((x + x * x * x * 0.044715) * math.sqrt(2 / math.pi)) + 1.0)


def relu(x: Scalar) -> Scalar:
    """`max(x, 0)`."""
    return greater_float(x, 0.0)


ACTIVATIONS: dict[Activation, Callable[[Scalar], Scalar]] = {
    Activation.SILU: silu,
    Activation.GELU: gelu,
    Activation.GELU_TANH: gelu_tanh,
    Activation.RELU: relu,
}


def softcap(x: Scalar, cap: float) -> Scalar:
    """`cap * tanh(x / cap)`."""
    return tanh(x / cap) * cap
