"""What a backend does."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any

from numpy.typing import NDArray

from bench.generation.files import Form


class Backend(ABC):
    """One runtime, in a process of its own. Importing its module imports the runtime, which is timed apart."""

    form: Form = "original"
    """In which form it reads the model."""

    def __init__(self, threads: int):
        self.threads = threads

    @abstractmethod
    def load(self, path: str, context: int) -> None:
        """Make the model ready for sequences of up to `context` tokens."""

    @abstractmethod
    def stream(self, ids: Sequence[int]) -> Iterator[int]:
        """The most likely ids that follow, one after the other, with a new cache."""

    @abstractmethod
    def logits(self, ids: Sequence[int]) -> NDArray[Any]:
        """The logits after the last of the ids."""
