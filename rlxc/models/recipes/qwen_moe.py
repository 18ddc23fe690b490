"""Qwen2-MoE and Qwen3-MoE: layers of Llama, some of which have experts; those of Qwen2 share one more."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from rlxc.models.recipes.experts import expert_weights, mixture
from rlxc.models.recipes.llama import LLAMA, layer

QWEN_MOE = replace(LLAMA, layer=partial(layer, fed=mixture), weights=expert_weights)
