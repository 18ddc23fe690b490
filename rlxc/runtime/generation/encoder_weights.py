"""The weights of an encoder, which have to be all that its checkpoint holds, but for heads of other tasks."""

from __future__ import annotations

from rlxc.diagnostics import RlxcError
from rlxc.models.checkpoint.expected_tensors import check_rows, check_tensors
from rlxc.models.config import EncoderConfig
from rlxc.models.recipes import encoder
from rlxc.runtime.generation.late_weights import ShapesOnly
from rlxc.weights import WeightSource


def used_tensors(config: EncoderConfig, source: WeightSource) -> set[str]:
    """The tensors of a checkpoint that the stages of the model read.

    Raises RlxcError for a tensor that is missing or has another shape, and for those that belong to another model.
    """
    try:
        used = encoder(config).build(ShapesOnly(source)).params.keys()
    except RlxcError as error:
        # Where a recipe adds the stage is no place that users know.
        raise RlxcError(error.message, hint=error.hint) from error
    check_tensors(source, used)
    check_rows(source, tables(config))
    return set(used)


def tables(config: EncoderConfig) -> dict[str, int]:
    """The tables of embeddings, and how many rows they have."""
    sizes = {"word": config.vocab_size, "position": config.max_positions, "token_type": config.type_vocab_size}
    return {f"embeddings.{name}_embeddings.weight": rows for name, rows in sizes.items()}
