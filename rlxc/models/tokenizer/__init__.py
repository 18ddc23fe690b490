"""Tokenizers: from text to the ids that a model reads, and back."""

from rlxc.models.tokenizer.checked_text import require_text
from rlxc.models.tokenizer.load import load_tokenizer
from rlxc.models.tokenizer.stream import TextStream
from rlxc.models.tokenizer.tokenizer import Tokenizer

__all__ = ["TextStream", "Tokenizer", "load_tokenizer", "require_text"]
