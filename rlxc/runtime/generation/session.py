"""Sequences that are being read: what is in the caches, and how the next tokens come after it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rlxc.diagnostics import RlxcError
from rlxc.models.recipes import cache_states, named_ropes
from rlxc.runtime.generation.cache_rows import CacheRows
from rlxc.runtime.generation.programs import DecoderPrograms
from rlxc.runtime.generation.rope_inputs import RopeInputs

Array = NDArray[Any]

CHUNK = 512
"""How many tokens of a prompt are read together, at most."""


class Session:
    """A batch of sequences, empty at first. With `padded`, they may begin late.

    Long inputs are read in parts of `chunk` tokens.
    """

    def __init__(self, programs: DecoderPrograms, batch: int, *, padded: bool = False, chunk: int = CHUNK):
        self._programs, self._padded, self._chunk = programs, padded, chunk
        self._ropes = RopeInputs(named_ropes(programs.config), programs.max_context)
        self._ids = np.zeros((batch, 0), np.int64)
        self._visible = np.zeros((batch, 0), np.bool_)
        self._clear()

    @property
    def position(self) -> int:
        """How many tokens have been read."""
        return self._ids.shape[1]

    def tokens(self) -> list[Array]:
        """The ids that have been read of each sequence."""
        return [ids[visible] for ids, visible in zip(self._ids, self._visible, strict=True)]

    def logits(self, ids: Array, mask: NDArray[np.bool_] | None = None) -> Array:
        """The logits after each of the next tokens, `[batch, tokens, vocab_size]`; see `read`."""
        return self._programs.logits(self.read(ids, mask))

    def read(self, ids: Array, mask: NDArray[np.bool_] | None = None) -> Array:
        """The hidden states `[batch, tokens, hidden_size]` of the next tokens.

        `mask` is True where there is a token. Raises RlxcError if there are more than the context holds.
        """
        visible = np.ones(ids.shape, np.bool_) if mask is None else mask
        before, end = self.position, self.position + ids.shape[1]
        self._require_room(end)
        self._ids = np.concatenate([self._ids, ids], axis=1, dtype=np.int64)
        self._visible = np.concatenate([self._visible, visible], axis=1)
        first = before
        if not self._ropes.goes_on(before, end):
            # All positions are rotated otherwise now: what is cached has to be computed again.
            self._clear()
            first = 0
        self._ropes.fill(first, end)
        starts = range(first, end, self._chunk)
        hidden = np.concatenate([self._step(slice(start, min(start + self._chunk, end))) for start in starts], axis=1)
        return hidden[:, before - first :]

    def _require_room(self, needed: int) -> None:
        if needed > self._programs.max_context:
            raise RlxcError(
                f"the sequence has {needed} tokens, more than the context of {self._programs.max_context}",
                hint="load the model with a larger max_context",
            )

    def _clear(self) -> None:
        """Empty caches."""
        config, limit = self._programs.config, self._programs.max_context
        states, batch = cache_states(config), self._ids.shape[0]
        self._names = [state.name for state in states]
        self._full = CacheRows({one.name: one.features for one in states if one.window is None}, batch, limit)
        self._groups = {"": self._full}
        if (window := config.window) is not None:
            sliding = {one.name: one.features for one in states if one.window is not None}
            limit = min(window + max(window, self._chunk), limit)
            self._groups["window_"] = CacheRows(sliding, batch, limit, kept=window - 1)

    def _step(self, part: slice) -> Array:
        """The hidden states of tokens that are read together."""
        for group in self._groups.values():
            group.make_room(self._visible[:, part])
        program = self._programs.padded_body if self._padded else self._programs.body
        hidden, *caches = program(ids=np.ascontiguousarray(self._ids[:, part]), **self._ropes.arrays, **self._inputs())
        appended = dict(zip(self._names, caches, strict=True))
        for group in self._groups.values():
            group.advance(part.stop - part.start, {name: appended[name] for name in group.arrays})
        return hidden

    def _inputs(self) -> dict[str, Any]:
        """The caches, and where the next rows stand in them."""
        given: dict[str, Any] = {}
        for prefix, group in self._groups.items():
            given |= {f"{prefix}position": group.position, **group.arrays}
            if self._padded:
                given[f"{prefix}padding"] = group.padding
        return given
