"""The feed-forward block of Llama."""

from __future__ import annotations

from dataclasses import dataclass

from rlxc.dialects.rlx import Activation
from rlxc.stages.gated_mlp import GatedMlp


@dataclass(frozen=True)
class SwiGlu(GatedMlp):
    """`(silu(x . gate) * (x . up)) . down`."""

    @property
    def activation(self) -> Activation:
        """`silu`."""
        return Activation.SILU
