"""The recipes by the `model_type` of configs."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from rlxc.models.recipes.gemma import GEMMA
from rlxc.models.recipes.gpt_neox import GPT_NEOX
from rlxc.models.recipes.llama import LLAMA
from rlxc.models.recipes.mixtral import MIXTRAL
from rlxc.models.recipes.phi3 import PHI3
from rlxc.models.recipes.qwen_moe import QWEN_MOE
from rlxc.models.recipes.recipe import Recipe

RECIPES: Mapping[str, Recipe] = MappingProxyType(
    {
        "llama": LLAMA,
        "mistral": LLAMA,
        "qwen2": LLAMA,
        "qwen3": LLAMA,
        "gemma2": GEMMA,
        "gemma3_text": GEMMA,
        "gemma4_text": GEMMA,
        "phi3": PHI3,
        "gpt_neox": GPT_NEOX,
        "mixtral": MIXTRAL,
        "qwen2_moe": QWEN_MOE,
        "qwen3_moe": QWEN_MOE,
    }
)
