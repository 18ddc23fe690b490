"""The programs of a decoder: the body, which gives hidden states, and the head, which makes logits of them."""

from __future__ import annotations

from rlxc.flow import ModelFlow
from rlxc.models.config import DecoderConfig
from rlxc.models.recipes.attention import KV_TENSORS
from rlxc.models.recipes.caches import cache_states, state_names
from rlxc.models.recipes.form import Form
from rlxc.models.recipes.per_layer_inputs import embedding, per_layer_names
from rlxc.models.recipes.registry import RECIPES
from rlxc.models.recipes.ropes import rope_stages, with_rope_inputs
from rlxc.stages import Linear, Softcap, Stage
from rlxc.weights import WeightSource


def decoder_body(config: DecoderConfig, form: Form, weights: WeightSource) -> ModelFlow:
    """`(ids [B, S], position, caches...) -> (hidden [B, S, hidden_size], caches...)`.

    The ids follow `position` others, whose keys and values are in the caches. One program serves a whole prompt,
    a part of it, and one token after the other: B, S and the capacities of the caches are decided by a call.
    Equal layers are one function.
    """
    recipe = RECIPES[config.model_type]
    flow = inputs(config, form).stages(embedding(config, recipe.embedding_key))
    flow = flow.stages(rope_stages(config, form, weights))
    for number, layer in enumerate(config.layers):
        names = state_names(config, number) | per_layer_names(config, number)
        flow = flow.layer(recipe.scope.format(number), recipe.layer(config, layer, form), names)
    return flow


def spare_tensors(config: DecoderConfig) -> set[str]:
    """Tensors of K and V that checkpoints may hold for layers which attend to those of earlier ones."""
    scope = RECIPES[config.model_type].scope
    layers = [number for number, layer in enumerate(config.layers) if layer.attention.borrows_kv]
    return {f"{scope.format(number)}{name}" for number in layers for name in KV_TENSORS}


def inputs(config: DecoderConfig, form: Form) -> ModelFlow:
    """The inputs and states of the body."""
    flow = ModelFlow("decoder").input("ids", ("B", "S"), "i64").input("position", (), "index")
    if config.window is not None:
        flow = flow.input("window_position", (), "index")
    if form.padded:
        flow = flow.input("padding", ("B", "C"), "i1")
    if form.padded and config.window is not None:
        flow = flow.input("window_padding", ("B", "W"), "i1")
    flow = with_rope_inputs(flow, config)
    for state in cache_states(config):
        flow = flow.state(state.name, ("B", state.capacity, state.features))
    return flow


def decoder_head(config: DecoderConfig) -> ModelFlow:
    """`hidden [B, S, hidden_size] -> logits [B, S, vocab_size]`, for the positions that matter."""
    return ModelFlow("head").input("hidden", ("B", "S", config.hidden_size)).stages(head_stages(config))


def decoder_norm(config: DecoderConfig) -> ModelFlow:
    """`hidden [B, S, hidden_size] -> normed [B, S, hidden_size]`: the last norm alone."""
    recipe = RECIPES[config.model_type]
    return ModelFlow("norm").input("hidden", ("B", "S", config.hidden_size)).stage(recipe.final_norm(config))


def head_stages(config: DecoderConfig) -> list[Stage]:
    """The last norm, and the projection to the vocabulary."""
    recipe = RECIPES[config.model_type]
    capped = [] if config.logit_softcap is None else [Softcap(config.logit_softcap)]
    return [recipe.final_norm(config), Linear(recipe.output_key(config)), *capped]


def whole_decoder(config: DecoderConfig, form: Form, weights: WeightSource) -> ModelFlow:
    """Body and head as one program: `(ids, position, caches...) -> (logits [B, S, vocab_size], caches...)`."""
    return decoder_body(config, form, weights).stages(head_stages(config))
