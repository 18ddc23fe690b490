"""Which program of a model is wanted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Form:
    """A program that continues sequences of at most `positions` tokens, whose keys and values are in caches.

    With `padded`, masks say which tokens are there: sequences of a batch may begin late.
    """

    positions: int
    padded: bool = False
