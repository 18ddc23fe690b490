"""What a recipe is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rlxc.models.config import DecoderConfig, LayerConfig
from rlxc.models.recipes.form import Form
from rlxc.stages import Stage
from rlxc.weights import WeightSource

Layer = Callable[[DecoderConfig, LayerConfig, Form], Sequence[Stage]]
"""The stages of a layer, whose weights and caches have the names that they have within it."""


def as_stored(config: DecoderConfig, weights: WeightSource) -> WeightSource:
    """The weights as they are."""
    return weights


@dataclass(frozen=True)
class Recipe:
    """How the layers of a family are made of stages, and what the tensors around them are called."""

    layer: Layer
    final_norm: Callable[[DecoderConfig], Stage]
    embedding_key: str = "model.embed_tokens.weight"
    head_key: str = "lm_head.weight"
    scope: str = "model.layers.{}."
    """What comes before the names of the weights of a layer."""
    weights: Callable[[DecoderConfig, WeightSource], WeightSource] = as_stored
    """The tensors that the stages name, made of those of the checkpoint."""

    def output_key(self, config: DecoderConfig) -> str:
        """The weight of the head: the embedding again, where they are tied."""
        return self.embedding_key if config.tied_embeddings else self.head_key
