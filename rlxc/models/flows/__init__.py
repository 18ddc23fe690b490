"""Recipes as text: `.flow` files that describe the same models as `rlxc.models.recipes`."""

from rlxc.models.flows.config_values import config_values, encoder_flow_values, model_values
from rlxc.models.flows.recipe_text import ENCODER_TEXTS, TEXTS, RecipeText, recipe_flow
from rlxc.models.flows.rope_stage import MODEL_STAGES

__all__ = [
    "ENCODER_TEXTS",
    "MODEL_STAGES",
    "TEXTS",
    "RecipeText",
    "config_values",
    "encoder_flow_values",
    "model_values",
    "recipe_flow",
]
