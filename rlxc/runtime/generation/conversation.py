"""A conversation with a model, whose caches are kept from turn to turn."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from typing import Any

from rlxc.runtime.generation.model import Model
from rlxc.runtime.generation.session import Session
from rlxc.runtime.generation.stop_texts import before_stop

MOST_NEW_TOKENS = 512
"""How long a reply may be by default."""


class Conversation:
    """Messages, and how far the model has read them.

    What the chat template adds to a text that has been read already is all that is read in the next turn. If the
    template changes what was said before, as some do with thoughts, the conversation is read again from the start.
    """

    def __init__(self, model: Model, system: str | None = None):
        self._model = model
        self.messages = [] if system is None else [{"role": "system", "content": system}]
        self._session: Session | None = None
        self._text, self._ids = "", list[int]()
        self._written = ""

    def reply(
        self, text: str, max_new_tokens: int | None = None, stop: Sequence[str] = (), **sampling: Any
    ) -> Generator[str]:
        """The reply to what the user says, piece by piece; for `sampling` see `Sampling`.

        If the caller stops early, what has been said is the reply. Raises RlxcError if the conversation is longer than
        the context, or the chat template refuses it.
        """
        self.messages.append({"role": "user", "content": text})
        said, complete = "", False
        try:
            for piece in before_stop(self._pieces(max_new_tokens, sampling), stop):
                said += piece
                yield piece
            complete = said == self._written
        finally:
            if not complete:
                # The caches hold more than was said, or a part of a step.
                self._session = None
            self.messages.append({"role": "assistant", "content": said})
            self._text += said

    def _pieces(self, max_new_tokens: int | None, sampling: dict[str, Any]) -> Iterator[str]:
        model, new = self._model, self._unread()
        assert self._session is not None
        room = model.room(len(self._ids), max_new_tokens, MOST_NEW_TOKENS)
        steps = model.stream([new], room, session=self._session, **sampling)
        self._written = ""
        for piece in model.tokenizer.stream(self._noted(int(step[0]) for step in steps)):
            self._written += piece
            yield piece

    def _noted(self, ids: Iterator[int]) -> Iterator[int]:
        """The ids of the reply; they are part of the conversation, except for the one that ends it."""
        for token in ids:
            if token in self._model.stop_ids:
                return
            self._ids.append(token)
            yield token

    def _unread(self) -> list[int]:
        """The ids that the model has not read, of a session that has read all others."""
        tokenizer = self._model.tokenizer
        whole = tokenizer.render_chat(self.messages)
        if whole.startswith(self._text) and self._session is not None:
            self._ids += tokenizer.encode(whole.removeprefix(self._text), special=False)
        else:
            self._session, self._ids = self._model.session(), tokenizer.encode(whole, special=False)
        self._text = whole
        return self._ids[self._session.position :]
