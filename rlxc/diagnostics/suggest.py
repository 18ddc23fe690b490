"""Did you mean ...? The remedy for a misspelt name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

CUTOFF = 0.6
"""Similarity from which a candidate is worth a guess: `atention` finds `attention`, `foo` finds nothing."""


def closest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate most similar to `word`, ignoring case, if any is similar at all."""
    by_lower = {candidate.lower(): candidate for candidate in sorted(candidates, reverse=True)}
    matches = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=CUTOFF)
    return by_lower[matches[0]] if matches else None


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """` (did you mean 'x'?)` to append to a message, or nothing."""
    match = closest(word, candidates)
    return f" (did you mean '{match}'?)" if match is not None else ""
