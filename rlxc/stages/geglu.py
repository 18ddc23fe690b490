"""The feed-forward block of Gemma."""

from __future__ import annotations

from dataclasses import dataclass

from rlxc.dialects.rlx import Activation
from rlxc.stages.gated_mlp import GatedMlp


@dataclass(frozen=True)
class GeGlu(GatedMlp):
    """`(gelu_tanh(x . gate) * (x . up)) . down`."""

    @property
    def activation(self) -> Activation:
        """`gelu_tanh`."""
        return Activation.GELU_TANH
