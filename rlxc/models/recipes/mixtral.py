"""Mixtral: Llama with experts in place of the feed-forward block (Jiang et al. 2024)."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from rlxc.models.recipes.experts import ExpertNames, expert_weights, mixture
from rlxc.models.recipes.llama import LLAMA, layer

NAMES = ExpertNames("block_sparse_moe.gate", "block_sparse_moe.experts", "w1", "w3", "w2")

MIXTRAL = replace(
    LLAMA, layer=partial(layer, fed=partial(mixture, names=NAMES)), weights=partial(expert_weights, names=NAMES)
)
