"""From a checkpoint to a model."""

from __future__ import annotations

import os

from rlxc.diagnostics import RlxcError
from rlxc.models.checkpoint import open_checkpoint
from rlxc.models.config import EncoderConfig, ModelConfig, read_config, read_stop_ids
from rlxc.runtime.compile import Target, check_options
from rlxc.runtime.generation.encoder_programs import EncoderPrograms
from rlxc.runtime.generation.encoder_weights import used_tensors
from rlxc.runtime.generation.model import Model, Programs
from rlxc.runtime.generation.model_weights import model_weights
from rlxc.runtime.generation.programs import DecoderPrograms
from rlxc.weights import WeightSource

MAX_CONTEXT = 8192
"""The default limit of the context, for models that can have more."""


def load_model(
    path: str | os.PathLike[str],
    target: Target = "native",
    *,
    threads: int | None = None,
    max_context: int | None = None,
) -> Model:
    """The model in a Hugging Face directory or a GGUF file.

    `target` and `threads` are those of `rlxc.compile`. `max_context` is how many tokens a sequence may have: as many
    as the model is made for if None, but 8192 at most. Caches grow up to it as they are needed. An encoder cannot have
    more than it has learned positions for.

    Raises RlxcError if the files are damaged, or the model is of an unknown kind.
    """
    check_options(target, None, threads)
    checkpoint = open_checkpoint(path)
    config = read_config(checkpoint.config)
    if max_context is None:
        max_context = default_context(config)
    if max_context < 1:
        raise RlxcError(f"max_context must be at least 1, got {max_context}")
    programs = programs_of(config, checkpoint.weights, max_context, target, threads)
    stop_ids = () if isinstance(config, EncoderConfig) else read_stop_ids(checkpoint.generation) or config.stop_ids
    return Model(programs, checkpoint, stop_ids)


def programs_of(
    config: ModelConfig, weights: WeightSource, max_context: int, target: Target, threads: int | None
) -> Programs:
    """What runs the model."""
    if isinstance(config, EncoderConfig):
        if max_context > config.max_positions:
            raise RlxcError(f"max_context is {max_context}, but the model has {config.max_positions} positions")
        used_tensors(config, weights)
        return EncoderPrograms(config, weights, max_context, target, threads)
    return DecoderPrograms(config, model_weights(config, weights), max_context, target, threads)


def default_context(config: ModelConfig) -> int:
    """How many tokens a sequence may have unless the user says so."""
    return min(config.max_positions, MAX_CONTEXT)
