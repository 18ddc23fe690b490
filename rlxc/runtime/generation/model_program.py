"""A model as a program that any target compiles, like one from a file."""

from __future__ import annotations

import os

from rlxc.models.checkpoint import open_checkpoint
from rlxc.models.config import EncoderConfig, read_config
from rlxc.models.recipes import Form, encoder, whole_decoder
from rlxc.runtime.generation.encoder_weights import used_tensors
from rlxc.runtime.generation.late_weights import late_program
from rlxc.runtime.generation.load_model import default_context
from rlxc.runtime.generation.model_weights import model_weights
from rlxc.runtime.generation.summary import summary
from rlxc.runtime.program import Program


def model_program(path: str | os.PathLike[str]) -> Program:
    """The program of a model and its weights: from ids to logits with caches in between, or to hidden states.

    Rope tables that no formula gives are among the weights. Raises RlxcError for what is no model that is supported.
    """
    checkpoint = open_checkpoint(path)
    config = read_config(checkpoint.config)
    if isinstance(config, EncoderConfig):
        used_tensors(config, checkpoint.weights)
        return late_program(encoder(config), checkpoint.weights)
    weights = model_weights(config, checkpoint.weights)
    return late_program(whole_decoder(config, Form(default_context(config)), weights), weights)


def model_summary(path: str | os.PathLike[str]) -> str:
    """What `Model.inspect` says of the model."""
    checkpoint = open_checkpoint(path)
    return summary(read_config(checkpoint.config), checkpoint.weights)
