"""A model as users call it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rlxc.diagnostics import RlxcError
from rlxc.models.checkpoint import Checkpoint
from rlxc.models.checkpoint.text_reading import text_reading
from rlxc.models.checkpoint.text_vectors import (
    PoolingName,
    TextVectors,
    require_prompt_in_pooling,
    text_vectors,
)
from rlxc.models.config import ModelConfig
from rlxc.runtime.generation.encoder_programs import EncoderPrograms
from rlxc.runtime.generation.hidden_states import HiddenStates, decoder_states, encoder_states
from rlxc.runtime.generation.perplexity import log_probabilities
from rlxc.runtime.generation.pooling import check_pooling, pooled
from rlxc.runtime.generation.programs import DecoderPrograms
from rlxc.runtime.generation.prompts import Prompts, checked_ids, checked_prompts
from rlxc.runtime.generation.sampling import Sampler, Sampling
from rlxc.runtime.generation.session import CHUNK, Session
from rlxc.runtime.generation.summary import summary

if TYPE_CHECKING:
    from rlxc.models.tokenizer import Tokenizer

Array = NDArray[Any]
Programs: TypeAlias = DecoderPrograms | EncoderPrograms


class Model:
    """A model: token ids in; logits, further ids or hidden states out. An encoder gives hidden states only.

    ```python
    model = rlxc.load_model("path/to/model", target="native")
    model.logits([[1, 2, 3]])  # [batch, tokens, vocabulary]
    model.generate([[1, 2, 3]], max_new_tokens=32)  # [batch, new]
    model.embed([[1, 2, 3]], pooling="mean")  # [batch, hidden]
    ```
    """

    def __init__(self, programs: Programs, checkpoint: Checkpoint, stop_ids: tuple[int, ...]):
        self._programs, self._checkpoint = programs, checkpoint
        self.stop_ids = stop_ids

    @property
    def config(self) -> ModelConfig:
        """What the model is."""
        return self._programs.config

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """Between text and ids. Raises RlxcError if the checkpoint has no tokenizer."""
        from rlxc.models.tokenizer import load_tokenizer

        return load_tokenizer(self._checkpoint)

    def inspect(self) -> str:
        """Layers, parameters, and of a decoder the bytes that the caches keep, in a few lines."""
        return summary(self.config, self._checkpoint.weights)

    def load(self) -> None:
        """Compile the programs and pack their weights now, rather than when they are first needed."""
        self._programs.load()

    def require_decoder(self) -> None:
        """Raise RlxcError if the model is an encoder."""
        _ = self._decoder

    @property
    def _decoder(self) -> DecoderPrograms:
        """The programs of a decoder. Raises RlxcError if the model is an encoder."""
        if isinstance(self._programs, EncoderPrograms):
            raise RlxcError(
                f"the model is an encoder ({self.config.model_type}): it gives hidden states, and no logits",
                hint="use embed",
            )
        return self._programs

    def embed(
        self,
        input_ids: ArrayLike,
        attention_mask: ArrayLike | None = None,
        token_type_ids: ArrayLike | None = None,
        pooling: PoolingName | None = None,
        normalize: bool = False,
    ) -> Array:
        """The last hidden states `[batch, tokens, hidden]`, or pooled into one vector for each text `[batch, hidden]`.

        `pooling` is `mean`, `max`, `cls` (the first token) or `last`, of those tokens for which `attention_mask` is
        not 0; `normalize` makes vectors of length 1. An encoder takes token types, and is padded on the right side:
        its positions count from the first place. The states of a decoder are those after its last norm, and it is
        padded on the left side.
        Raises RlxcError for ids or types that the model does not have, or more of them than it reads.
        """
        check_pooling(pooling)
        hidden = self._hidden_states(input_ids, attention_mask, token_type_ids)
        return pooled(hidden.states, hidden.mask, pooling, normalize=normalize)

    @cached_property
    def text_vectors(self) -> TextVectors:
        """How the checkpoint says that texts become vectors."""
        return text_vectors(self._checkpoint)

    def embed_texts(
        self,
        texts: Sequence[str],
        pooling: PoolingName | None = None,
        normalize: bool | None = None,
        *,
        prompt: str | None = None,
        truncate: bool = False,
    ) -> Array:
        """One vector for each text, `[texts, hidden]`: what is None is as the checkpoint says.

        Each text stands behind the `prompt`. Raises RlxcError for one that has no tokens, or is longer than the model
        reads, unless it may `truncate` it; and for what the checkpoint asks for, if that is not supported.
        """
        from rlxc.runtime.generation.text_batches import batches, read_texts

        asked = text_vectors(self._checkpoint, pooling, normalize)
        reading = text_reading(self._checkpoint, prompt)
        if reading.prompt and pooling is None:
            require_prompt_in_pooling(self._checkpoint)
        context = self._programs.max_context
        most = min(context, reading.most_tokens or context)
        ids = read_texts(self.tokenizer, texts, reading, most, truncate=truncate)
        vectors = np.zeros((len(ids), self.config.hidden_size), np.float32)
        left = not isinstance(self._programs, EncoderPrograms)
        for batch in batches(ids, self.config.pad_id or 0, left=left):
            vectors[batch.rows] = self.embed(batch.ids, batch.mask, pooling=asked.pooling, normalize=asked.normalize)
        return vectors

    def _hidden_states(
        self, ids: ArrayLike, attention_mask: ArrayLike | None, token_types: ArrayLike | None
    ) -> HiddenStates:
        if isinstance(self._programs, EncoderPrograms):
            return encoder_states(self._programs, ids, attention_mask, token_types)
        if token_types is not None:
            raise RlxcError(f"token_type_ids are for encoders, and {self.config.model_type} is none")
        return decoder_states(self._programs, ids, attention_mask)

    def room(self, length: int, wanted: int | None, default: int) -> int:
        """How many tokens may follow `length` others: those `wanted`, or as many as there is room for up to a default.

        Raises RlxcError if the context is too small.
        """
        # The last token that is chosen is not read.
        context = self._decoder.max_context
        free = context - length + 1
        if length > context or (wanted or 1) > free:
            more = "" if wanted is None else f", and {wanted} more are wanted"
            raise RlxcError(
                f"the text has {length} tokens{more}, but the context holds {context}",
                hint="give a larger max_context, or ask for less",
            )
        return min(free, default) if wanted is None else wanted

    def session(self, batch: int = 1, *, padded: bool = False, chunk: int = CHUNK) -> Session:
        """A batch of new sequences, to be read step by step."""
        return Session(self._decoder, batch, padded=padded, chunk=chunk)

    def logits(self, input_ids: ArrayLike, attention_mask: ArrayLike | None = None) -> Array:
        """The logits after each token, `[batch, tokens, vocab_size]` in float32.

        `attention_mask` is 0 where a shorter sequence is padded, on its left side. Raises RlxcError for ids that
        are not in the vocabulary, or more of them than `max_context`.
        """
        prompts = checked_prompts(input_ids, attention_mask, self._decoder.config.vocab_size)
        session = self.session(prompts.batch, padded=prompts.mask is not None)
        return self._decoder.logits(session.read(prompts.ids, prompts.mask))

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
        prompts = checked_prompts(input_ids, attention_mask, self._decoder.config.vocab_size)
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
        limit = self._decoder.max_context
        ids = checked_ids(input_ids, self.config.vocab_size)
        if ids.shape[0] != 1 or ids.shape[1] < 2:
            raise RlxcError(f"perplexity is that of one text of at least two tokens, got {list(ids.shape)}")
        if window is not None and not 1 <= window <= limit:
            raise RlxcError(f"a window has from 1 to {limit} tokens, as the context holds, got {window}")
        found = log_probabilities(self._decoder, ids[0], window or limit)
        return float(np.exp(-np.mean(np.concatenate(list(found)))))

    def _steps(
        self, session: Session, prompts: Prompts, count: int, sampler: Sampler, stops: tuple[int, ...]
    ) -> Iterator[NDArray[np.int64]]:
        going = np.ones(prompts.batch, np.bool_)
        hidden = session.read(prompts.ids, prompts.mask)
        for step in range(count):
            chosen = sampler.choose(self._decoder.logits(hidden[:, -1:])[:, 0], session.tokens())
            chosen = np.where(going, chosen, self._filler(stops))
            yield chosen
            going &= np.array([one not in stops for one in chosen.tolist()])
            if not going.any() or step + 1 == count:
                return
            hidden = session.read(chosen[:, None])

    def _filler(self, stops: tuple[int, ...]) -> int:
        """What stands after the end of a sequence while others go on."""
        pad_id = self._decoder.config.pad_id
        if pad_id is not None:
            return pad_id
        return stops[0] if stops else 0
