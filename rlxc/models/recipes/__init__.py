"""Recipes: models as lines of stages, from their configs."""

from rlxc.models.recipes.bert import encoder
from rlxc.models.recipes.caches import CacheState, cache_states, features
from rlxc.models.recipes.decoder import decoder_body, decoder_head, decoder_norm, spare_tensors, whole_decoder
from rlxc.models.recipes.form import Form
from rlxc.models.recipes.per_layer_inputs import PER_LAYER_TABLE
from rlxc.models.recipes.recipe import Recipe
from rlxc.models.recipes.registry import RECIPES
from rlxc.models.recipes.ropes import named_ropes

__all__ = [
    "PER_LAYER_TABLE",
    "RECIPES",
    "CacheState",
    "Form",
    "Recipe",
    "cache_states",
    "decoder_body",
    "decoder_head",
    "decoder_norm",
    "encoder",
    "features",
    "named_ropes",
    "spare_tensors",
    "whole_decoder",
]
