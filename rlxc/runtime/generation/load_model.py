"""From a checkpoint to a model."""

from __future__ import annotations

import os

from rlxc.diagnostics import RlxcError
from rlxc.models.checkpoint import open_checkpoint
from rlxc.models.config import DecoderConfig, read_config, read_stop_ids
from rlxc.runtime.compile import Target, check_options
from rlxc.runtime.generation.model import Model
from rlxc.runtime.generation.model_weights import model_weights
from rlxc.runtime.generation.programs import DecoderPrograms

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
    as the model is made for if None, but 8192 at most. Caches grow up to it as they are needed.

    Raises RlxcError if the files are damaged, or the model is of an unknown kind.
    """
    check_options(target, None, threads)
    checkpoint = open_checkpoint(path)
    config = read_config(checkpoint.config)
    if max_context is None:
        max_context = default_context(config)
    if max_context < 1:
        raise RlxcError(f"max_context must be at least 1, got {max_context}")
    weights = model_weights(config, checkpoint.weights)
    programs = DecoderPrograms(config, weights, max_context, target, threads)
    return Model(programs, checkpoint, read_stop_ids(checkpoint.generation) or config.stop_ids)


def default_context(config: DecoderConfig) -> int:
    """How many tokens a sequence may have unless the user says so."""
    return min(config.max_positions, MAX_CONTEXT)
