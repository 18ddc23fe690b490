"""llama.cpp, as the package `llama-cpp-python` brings it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import llama_cpp
import numpy as np
from numpy.typing import NDArray

from bench.generation.backends.base import Backend

FLOAT32 = 0
"""The number of the element type in ggml; caches are in float16 by default."""


class Runtime(Backend):
    """`attention` is `scores` for a softmax of stored scores, `flash` for its fused attention."""

    form = "gguf"

    def __init__(self, threads: int, attention: str = "scores"):
        super().__init__(threads)
        self.flash = attention == "flash"

    def load(self, path: str, context: int) -> None:
        """See `Backend`."""
        self.model = llama_cpp.Llama(
            path,
            n_ctx=context,
            n_threads=self.threads,
            n_threads_batch=self.threads,
            type_k=FLOAT32,
            type_v=FLOAT32,
            flash_attn=self.flash,
            verbose=False,
        )

    def stream(self, ids: Sequence[int]) -> Iterator[int]:
        """See `Backend`."""
        self.model.reset()
        given = list(ids)
        while True:
            chosen = int(self._last(given).argmax())
            yield chosen
            given = [chosen]

    def logits(self, ids: Sequence[int]) -> NDArray[Any]:
        """See `Backend`."""
        self.model.reset()
        return self._last(ids).copy()

    def _last(self, ids: Sequence[int]) -> NDArray[Any]:
        self.model.eval(ids)
        found = llama_cpp.llama_get_logits_ith(self.model.ctx, -1)
        return np.ctypeslib.as_array(found, (self.model.n_vocab(),))
