"""Sequences that are being read: what is in the caches, and how the next tokens come after it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rlxc.models.recipes import cache_states
from rlxc.runtime.generation.cache_rows import CacheRows
from rlxc.runtime.generation.programs import DecoderPrograms

Array = NDArray[Any]

CHUNK = 512
"""How many tokens of a prompt are read together, at most."""


class Session:
    """A batch of sequences, empty at first. With `padded`, they may begin late.

    Long inputs are read in parts of `chunk` tokens.
    """

    def __init__(self, programs: DecoderPrograms, batch: int, *, padded: bool = False, chunk: int = CHUNK):
        config = programs.config
        self._programs, self._padded, self._chunk = programs, padded, chunk
        states = cache_states(config)
        self._names = [state.name for state in states]
        full = {state.name: state.features for state in states if state.window is None}
        self._full = CacheRows(full, batch, programs.max_context)
        self._window: CacheRows | None = None
        if (window := config.window) is not None:
            sliding = {state.name: state.features for state in states if state.window is not None}
            limit = min(window + max(window, chunk), programs.max_context)
            self._window = CacheRows(sliding, batch, limit, kept=window - 1)

    @property
    def position(self) -> int:
        """How many tokens have been read."""
        return self._full.position

    def logits(self, ids: Array, mask: NDArray[np.bool_] | None = None) -> Array:
        """The logits after each of the next tokens, `[batch, tokens, vocab_size]`; see `read`."""
        return self._programs.logits(self.read(ids, mask))

    def read(self, ids: Array, mask: NDArray[np.bool_] | None = None) -> Array:
        """The hidden states `[batch, tokens, hidden_size]` of the next tokens.

        `mask` is True where there is a token. Raises RlxcError if there are more than the context holds.
        """
        visible = np.ones(ids.shape, np.bool_) if mask is None else mask
        starts = range(0, ids.shape[1], self._chunk)
        parts = [slice(start, start + self._chunk) for start in starts]
        return np.concatenate([self._step(ids[:, part], visible[:, part]) for part in parts], axis=1)

    def _step(self, ids: Array, visible: NDArray[np.bool_]) -> Array:
        """The hidden states of tokens that are read together."""
        groups = [self._full] if self._window is None else [self._full, self._window]
        for group in groups:
            group.make_room(visible)
        program = self._programs.padded_body if self._padded else self._programs.body
        hidden, *caches = program(ids=np.ascontiguousarray(ids, np.int64), **self._inputs())
        appended = dict(zip(self._names, caches, strict=True))
        for group in groups:
            group.advance(ids.shape[1], {name: appended[name] for name in group.arrays})
        return hidden

    def _inputs(self) -> dict[str, Any]:
        """All inputs but the ids."""
        given: dict[str, Any] = {"position": self._full.position, **self._full.arrays}
        if self._padded:
            given["padding"] = self._full.padding
        if self._window is not None:
            given |= {"window_position": self._window.position, **self._window.arrays}
        if self._window is not None and self._padded:
            given["window_padding"] = self._window.padding
        return given
