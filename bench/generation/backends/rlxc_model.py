"""rlxc, through its public interface."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

import rlxc
from bench.generation.backends.base import Backend


class Runtime(Backend):
    """The target `native`. It decodes quantized tensors itself."""

    def load(self, path: str, context: int) -> None:
        """See `Backend`."""
        self.model = rlxc.load_model(path, target="native", threads=self.threads, max_context=context)
        self.context = context
        self.model.load()

    def stream(self, ids: Sequence[int]) -> Iterator[int]:
        """See `Backend`."""
        count = self.context - len(ids)
        return (int(chosen[0]) for chosen in self.model.stream([list(ids)], count, stop_ids=()))

    def logits(self, ids: Sequence[int]) -> NDArray[Any]:
        """See `Backend`."""
        return self.model.session().logits(np.array([list(ids)], np.int64))[0, -1]
