"""A model as users call it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rlxc.diagnostics import RlxcError
from rlxc.models.checkpoint import Checkpoint
from rlxc.models.config import DecoderConfig
from rlxc.runtime.generation.perplexity import log_probabilities
from rlxc.runtime.generation.programs import DecoderPrograms
from rlxc.runtime.generation.prompts import Prompts, checked_prompts
from rlxc.runtime.generation.sampling import Sampler, Sampling
from rlxc.runtime.generation.session import CHUNK, Session
from rlxc.runtime.generation.summary import summary

if TYPE_CHECKING:
    from rlxc.models.tokenizer import Tokenizer

Array = NDArray[Any]


class Model:
    """A decoder: token ids in, logits or further ids out.

    ```python
    model = rlxc.load_model("path/to/model", target="native")
    model.logits([[1, 2, 3]])  # [batch, tokens, vocabulary]
    model.generate([[1, 2, 3]], max_new_tokens=32)  # [batch, new]
    ```
    """

    def __init__(self, programs: DecoderPrograms, checkpoint: Checkpoint, stop_ids: tuple[int, ...]):
        self._programs, self._checkpoint = programs, checkpoint
        self.stop_ids = stop_ids

    @property
    def config(self) -> DecoderConfig:
        """What the model is."""
        return self._programs.config

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """Between text and ids. Raises RlxcError if the checkpoint has no tokenizer."""
        from rlxc.models.tokenizer import load_tokenizer

        return load_tokenizer(self._checkpoint)

    def inspect(self) -> str:
        """Layers, parameters, and the bytes that the caches keep, in a few lines."""
        return summary(self.config, self._checkpoint.weights)

    def load(self) -> None:
        """Compile the programs and pack their weights now, rather than when they are first needed."""
        self._programs.load()

    def room(self, length: int, wanted: int | None, default: int) -> int:
        """How many tokens may follow `length` others: those `wanted`, or as many as there is room for up to a default.

        Raises RlxcError if the context is too small.
        """
        # The last token that is chosen is not read.
        free = self._programs.max_context - length + 1
        if length > self._programs.max_context or (wanted or 1) > free:
            more = "" if wanted is None else f", and {wanted} more are wanted"
            raise RlxcError(
                f"the text has {length} tokens{more}, but the context holds {self._programs.max_context}",
                hint="give a larger max_context, or ask for less",
            )
        return min(free, default) if wanted is None else wanted

    def session(self, batch: int = 1, *, padded: bool = False, chunk: int = CHUNK) -> Session:
        """A batch of new sequences, to be read step by step."""
        return Session(self._programs, batch, padded=padded, chunk=chunk)

    def logits(self, input_ids: ArrayLike, attention_mask: ArrayLike | None = None) -> Array:
        """The logits after each token, `[batch, tokens, vocab_size]` in float32.

        `attention_mask` is 0 where a shorter sequence is padded, on its left side. Raises RlxcError for ids that
        are not in the vocabulary, or more of them than `max_context`.
        """
        prompts = checked_prompts(input_ids, attention_mask, self.config.vocab_size)
        session = self.session(prompts.batch, padded=prompts.mask is not None)
        return self._programs.logits(session.read(prompts.ids, prompts.mask))

    def generate(
        self,
        input_ids: ArrayLike,
        max_new_tokens: int,
        attention_mask: ArrayLike | None = None,
        *,
        stop_ids: tuple[int, ...] | None = None,
        **sampling: Any,
    ) -> NDArray[np.int64]:
        """The ids that follow, `[batch, new]`; see `stream`. After its end, a sequence is filled with the pad id."""
        steps = list(self.stream(input_ids, max_new_tokens, attention_mask, stop_ids=stop_ids, **sampling))
        return np.stack(steps, axis=1)

    def stream(
        self,
        input_ids: ArrayLike,
        max_new_tokens: int,
        attention_mask: ArrayLike | None = None,
        *,
        stop_ids: tuple[int, ...] | None = None,
        session: Session | None = None,
        **sampling: Any,
    ) -> Iterator[NDArray[np.int64]]:
        """The next id of each sequence, `[batch]`, one step after the other.

        The most likely token is taken, unless `sampling` says otherwise: see `Sampling`. It ends after
        `max_new_tokens` steps, or when each sequence has one of the `stop_ids` (by default those of the model).
        The ids follow what `session` has read, if there is one; the last id that is chosen is not read.
        """
        prompts = checked_prompts(input_ids, attention_mask, self.config.vocab_size)
        if max_new_tokens < 1:
            raise RlxcError(f"max_new_tokens must be at least 1, got {max_new_tokens}")
        stops = self.stop_ids if stop_ids is None else stop_ids
        session = session or self.session(prompts.batch, padded=prompts.mask is not None)
        return self._steps(session, prompts, max_new_tokens, Sampler(Sampling(**sampling)), stops)

    def perplexity(self, input_ids: ArrayLike, window: int | None = None) -> float:
        """`exp(-mean(log p))` of a text, over the probabilities of all ids but the first; log is the natural one.

        The text is read in windows of so many ids, by default as many as the context holds; each is read anew, so
        that the first ids of a window are foreseen from few. Raises RlxcError for fewer than two ids.
        """
        ids = checked_prompts(input_ids, None, self.config.vocab_size).ids
        limit = self._programs.max_context
        if ids.shape[0] != 1 or ids.shape[1] < 2:
            raise RlxcError(f"perplexity is that of one text of at least two tokens, got {list(ids.shape)}")
        if window is not None and not 1 <= window <= limit:
            raise RlxcError(f"a window has from 1 to {limit} tokens, as the context holds, got {window}")
        found = log_probabilities(self._programs, ids[0], window or limit)
        return float(np.exp(-np.mean(np.concatenate(list(found)))))

    def _steps(
        self, session: Session, prompts: Prompts, count: int, sampler: Sampler, stops: tuple[int, ...]
    ) -> Iterator[NDArray[np.int64]]:
        going = np.ones(prompts.batch, np.bool_)
        hidden = session.read(prompts.ids, prompts.mask)
        for step in range(count):
            chosen = sampler.choose(self._programs.logits(hidden[:, -1:])[:, 0], session.tokens())
            chosen = np.where(going, chosen, self._filler(stops))
            yield chosen
            going &= ~np.isin(chosen, stops)
            if not going.any() or step + 1 == count:
                return
            hidden = session.read(chosen[:, None])

    def _filler(self, stops: tuple[int, ...]) -> int:
        """What stands after the end of a sequence while others go on."""
        if self.config.pad_id is not None:
            return self.config.pad_id
        return stops[0] if stops else 0
