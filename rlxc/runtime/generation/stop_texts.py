"""Texts that end a text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence


def before_stop(pieces: Iterable[str], stops: Sequence[str]) -> Iterator[str]:
    """The pieces up to the first of `stops`, which may be spread over several pieces.

    What may be the beginning of one of them is kept back until it is known to be none.
    """
    held = ""
    for piece in pieces:
        held += piece
        if found := [place for stop in stops if (place := held.find(stop)) >= 0]:
            yield held[: min(found)]
            return
        sure = len(held) - max((beginning_at_end(held, stop) for stop in stops), default=0)
        yield held[:sure]
        held = held[sure:]
    yield held


def beginning_at_end(text: str, stop: str) -> int:
    """How many characters at the end of `text` are the beginning of `stop`."""
    lengths = range(min(len(text), len(stop) - 1), 0, -1)
    return next((length for length in lengths if text.endswith(stop[:length])), 0)
