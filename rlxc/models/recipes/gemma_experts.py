"""The experts of Gemma 4, which stand beside the feed-forward block."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rlxc.models.config import DecoderConfig, ExpertsConfig, LayerConfig
from rlxc.models.recipes.experts import ExpertNames, computed, expert_weights
from rlxc.models.recipes.llama import norm
from rlxc.stages import RmsNorm, Route, ScaleBy, Stage, StreamAdd, StreamLoad, StreamSave
from rlxc.weights import WeightSource

NAMES = ExpertNames("router.proj", "experts")


def beside_experts(
    config: DecoderConfig, own: LayerConfig, experts: ExpertsConfig, dense: Sequence[Stage]
) -> list[Stage]:
    """`norm_1(dense(x)) + norm_2(experts(norm(x)))`. The router has a norm of its own, and a factor for each expert."""
    return [
        StreamSave("x"),
        *dense,
        norm(config, "post_feedforward_layernorm_1"),
        StreamSave("dense"),
        StreamLoad("x"),
        RmsNorm("router.scale", config.norm_eps, config.norm_offset),
        ScaleBy(1 / math.sqrt(config.hidden_size)),
        Route(f"{NAMES.router}.weight", experts.top_k, experts.renormalize, "router.per_expert_scale"),
        StreamSave("gates"),
        StreamLoad("x"),
        norm(config, "pre_feedforward_layernorm_2"),
        computed(own, experts, NAMES),
        norm(config, "post_feedforward_layernorm_2"),
        StreamAdd("dense"),
    ]


def gemma_expert_weights(config: DecoderConfig, source: WeightSource) -> WeightSource:
    """See `expert_weights`."""
    return expert_weights(config, source, NAMES)
