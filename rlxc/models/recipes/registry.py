"""The recipes by the `model_type` of configs."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from rlxc.models.recipes.llama import LLAMA
from rlxc.models.recipes.recipe import Recipe

RECIPES: Mapping[str, Recipe] = MappingProxyType(
    {
        "llama": LLAMA,
        "mistral": LLAMA,
        "qwen2": LLAMA,
        "qwen3": LLAMA,
    }
)
