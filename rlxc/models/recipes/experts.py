"""Mixtures of experts, from the config of a layer."""

from __future__ import annotations

from dataclasses import dataclass

from rlxc.models.config import DecoderConfig, ExpertsConfig, LayerConfig
from rlxc.models.recipes.fused_weights import Rows
from rlxc.models.recipes.mlp import gated_mlp
from rlxc.stages import Experts, Route, SigmoidGate, Stage, StreamAdd, StreamLoad, StreamSave
from rlxc.weights import WeightSource
from rlxc.weights.divided import DividedWeights


@dataclass(frozen=True)
class ExpertNames:
    """What the router, the experts and their projections are called."""

    router: str = "mlp.gate"
    experts: str = "mlp.experts"
    gate: str = "gate_proj"
    up: str = "up_proj"
    down: str = "down_proj"


QWEN_NAMES = ExpertNames()


def expert_weights(config: DecoderConfig, source: WeightSource, names: ExpertNames = QWEN_NAMES) -> WeightSource:
    """The projections of experts apart, where a checkpoint has `gate | up` as one."""
    parts: dict[str, Rows] = {}
    for number, layer in enumerate(config.layers):
        for expert in range(0 if layer.experts is None else layer.experts.count):
            parts |= projections(config, layer, f"model.layers.{number}.{names.experts}.{expert}", names)
    held = set(source.keys())
    parts = {key: rows for key, rows in parts.items() if rows.key in held and key not in held}
    return DividedWeights(source, parts) if parts else source


def projections(config: DecoderConfig, layer: LayerConfig, expert: str, names: ExpertNames) -> dict[str, Rows]:
    """Where the rows of the projections of an expert may be."""
    assert layer.experts is not None
    width, hidden, gate_up = layer.experts.width, config.hidden_size, f"{expert}.gate_up_proj.weight"
    return {
        f"{expert}.{names.gate}.weight": Rows(gate_up, 0, width, 2 * width),
        f"{expert}.{names.up}.weight": Rows(gate_up, width, width, 2 * width),
        f"{expert}.{names.down}.weight": Rows(f"{expert}.down_proj.weight", 0, hidden, hidden),
    }


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
