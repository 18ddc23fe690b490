"""GGUF files as checkpoints: what their metadata says, in the words of Hugging Face."""

from rlxc.models.checkpoint.gguf.open import open_gguf

__all__ = ["open_gguf"]
