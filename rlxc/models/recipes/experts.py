"""Mixtures of experts, from the config of a layer."""

from __future__ import annotations

from dataclasses import dataclass

from rlxc.models.config import ExpertsConfig, LayerConfig
from rlxc.models.recipes.mlp import gated_mlp
from rlxc.stages import Experts, Route, SigmoidGate, Stage, StreamAdd, StreamLoad, StreamSave


@dataclass(frozen=True)
class ExpertNames:
    """What the router, the experts and their projections are called."""

    router: str = "mlp.gate"
    experts: str = "mlp.experts"
    gate: str = "gate_proj"
    up: str = "up_proj"
    down: str = "down_proj"


QWEN_NAMES = ExpertNames()


def mixture(own: LayerConfig, names: ExpertNames = QWEN_NAMES) -> list[Stage]:
    """The experts that the layer has, or one feed-forward block for all tokens."""
    experts = own.experts
    if experts is None:
        return [gated_mlp(own.mlp)]
    route = Route(f"{names.router}.weight", experts.top_k, experts.renormalize)
    routed: list[Stage] = [StreamSave("x"), route, StreamSave("gates"), StreamLoad("x"), computed(own, experts, names)]
    return routed if experts.shared_width is None else [*routed, *shared(own)]


def shared(own: LayerConfig) -> list[Stage]:
    """`routed + sigmoid(gate(x)) * expert(x)`, with the expert that all tokens have."""
    return [
        StreamSave("routed"),
        StreamLoad("x"),
        gated_mlp(own.mlp, "mlp.shared_expert"),
        SigmoidGate("x", "mlp.shared_expert_gate.weight"),
        StreamAdd("routed"),
    ]


def computed(own: LayerConfig, experts: ExpertsConfig, names: ExpertNames = QWEN_NAMES) -> Experts:
    """What the experts make of `x`."""
    return Experts(names.experts, experts.count, own.mlp.activation, gate=names.gate, up=names.up, down=names.down)
