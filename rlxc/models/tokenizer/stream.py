"""Text from ids that come one after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence

INCOMPLETE = "\ufffd"
"""What a decoder writes for bytes that are no character, or not yet."""


class TextStream:
    """Gives text as soon as it cannot change any more: a character may be made of several tokens.

    The new text is the difference of two decodings, which both begin a token early, since what a
    tokenizer writes for a token may depend on whether one is before it.
    """

    def __init__(self, decode: Callable[[Sequence[int]], str]):
        self._decode = decode
        self._ids: list[int] = []
        self._written = 0

    def push(self, token: int) -> str:
        """The text that one more token completes; empty while a character is incomplete."""
        self._ids.append(token)
        new = self._new_text()
        return "" if not new or new.endswith(INCOMPLETE) else self._write(new)

    def finish(self) -> str:
        """What is left, complete or not."""
        return self._write(self._new_text())

    def _new_text(self) -> str:
        before = self._decode(self._ids[: self._written])
        return self._decode(self._ids)[len(before) :]

    def _write(self, new: str) -> str:
        self._ids = self._ids[self._written :]
        self._written = len(self._ids)
        return new
