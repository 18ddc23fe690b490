"""Did you mean ...? The remedy for a misspelt name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

CUTOFF = 0.6
"""Similarity from which a candidate is worth a guess: `atention` finds `attention`, `foo` finds nothing."""


SHORTEST_PREFIX = 3
"""Length from which a word that begins a candidate means it: whoever stops typing is not misspelling."""


def closest(word: str, candidates: Iterable[str]) -> str | None:
    """The shortest candidate that begins with `word`, else the one most similar to it, if any is; case is ignored."""
    by_lower = {candidate.lower(): candidate for candidate in sorted(candidates, reverse=True)}
    continued = [candidate for candidate in by_lower if candidate.startswith(word.lower())]
    if len(word) >= SHORTEST_PREFIX and continued:
        return by_lower[min(continued, key=len)]
    matches = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=CUTOFF)
    return by_lower[matches[0]] if matches else None


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """` (did you mean 'x'?)` to append to a message, or nothing."""
    match = closest(word, candidates)
    return f" (did you mean '{match}'?)" if match is not None else ""
