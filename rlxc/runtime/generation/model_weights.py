"""The weights of a model, which have to be all that its checkpoint holds."""

from __future__ import annotations

from rlxc.diagnostics import RlxcError
from rlxc.models.checkpoint.expected_tensors import check_rows, check_tensors
from rlxc.models.config import DecoderConfig
from rlxc.models.recipes import PER_LAYER_TABLE, RECIPES, Form, spare_tensors, whole_decoder
from rlxc.runtime.generation.late_weights import ShapesOnly
from rlxc.weights import WeightSource


def model_weights(config: DecoderConfig, source: WeightSource) -> WeightSource:
    """The tensors of a checkpoint under the names that the stages of the model have for them.

    Raises RlxcError for a tensor that is missing or has another shape, and for those that no stage would read: a
    model with more than its config says computes something else.
    """
    recipe = RECIPES[config.model_type]
    weights = recipe.weights(config, source)
    flow = whole_decoder(config, Form(positions=1), weights)
    try:
        built = flow.build(ShapesOnly(weights))
    except RlxcError as error:
        # Where a recipe adds the stage is no place that users know.
        raise RlxcError(error.message, hint=error.hint) from error
    optional = {recipe.head_key} if config.tied_embeddings else set[str]()
    check_tensors(weights, built.params.keys() & set(weights.keys()), optional=optional | spare_tensors(config))
    check_rows(weights, tables(config))
    return weights


def tables(config: DecoderConfig) -> dict[str, int]:
    """The embeddings and the head, and how many rows they have."""
    recipe = RECIPES[config.model_type]
    rows = {key: config.vocab_size for key in (recipe.embedding_key, recipe.output_key(config))}
    own = config.per_layer_inputs
    return rows if own is None else {**rows, PER_LAYER_TABLE: own.vocab_size}
