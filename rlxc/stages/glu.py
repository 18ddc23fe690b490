"""A gated feed-forward block with any nonlinearity."""

from __future__ import annotations

from dataclasses import dataclass

from rlxc.dialects.rlx import Activation
from rlxc.stages.checks import choice
from rlxc.stages.gated_mlp import GatedMlp
from rlxc.stages.linear import ActivationName


@dataclass(frozen=True)
class Glu(GatedMlp):
    """`(act(x . gate) * (x . up)) . down`; `SwiGlu` and `GeGlu` are those with a name."""

    act: ActivationName = "silu"

    def __post_init__(self) -> None:
        super().__post_init__()
        choice("Glu", "act", Activation, self.act)

    @property
    def activation(self) -> Activation:
        """What `act` names."""
        return Activation(self.act)
