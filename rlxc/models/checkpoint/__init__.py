"""Checkpoints: the config, weights and tokenizer of a model, from a Hugging Face directory or a GGUF file."""

from rlxc.models.checkpoint.checkpoint import Checkpoint
from rlxc.models.checkpoint.open import open_checkpoint

__all__ = ["Checkpoint", "open_checkpoint"]
