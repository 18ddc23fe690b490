"""One vector for each text, of those of its tokens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rlxc.diagnostics import RlxcError, did_you_mean

Array = NDArray[Any]
Mask = NDArray[np.bool_]

LEAST_NORM = 1e-12
"""Vectors that are shorter are divided by this."""


def mean(hidden: Array, mask: Mask) -> Array:
    """The mean over the tokens that are there."""
    seen = mask[:, :, None]
    return np.where(seen, hidden, 0).sum(axis=1) / seen.sum(axis=1, dtype=hidden.dtype)


def largest(hidden: Array, mask: Mask) -> Array:
    """The largest value of each feature."""
    return np.where(mask[:, :, None], hidden, -np.inf).max(axis=1)


def first(hidden: Array, mask: Mask) -> Array:
    """The first token that is there."""
    return hidden[np.arange(len(hidden)), mask.argmax(axis=1)]


def last(hidden: Array, mask: Mask) -> Array:
    """The last token that is there."""
    return first(hidden[:, ::-1], mask[:, ::-1])


POOLINGS: Mapping[str, Callable[[Array, Mask], Array]] = MappingProxyType(
    {"mean": mean, "max": largest, "cls": first, "last": last}
)
"""Name -> from hidden states `[batch, tokens, features]` and a mask to `[batch, features]`."""


def check_pooling(name: object) -> None:
    """Raise RlxcError unless the name is None or that of a pooling."""
    if name is not None and (not isinstance(name, str) or name not in POOLINGS):
        raise RlxcError(
            f"pooling must be one of {', '.join(POOLINGS)}, got {name!r}{did_you_mean(str(name), POOLINGS)}"
        )


def pooled(hidden: Array, mask: Mask | None, pooling: str | None, *, normalize: bool) -> Array:
    """The hidden states as they are, or one vector for each text; `normalize` divides vectors by their length."""
    check_pooling(pooling)
    if pooling is not None:
        hidden = POOLINGS[pooling](hidden, np.ones(hidden.shape[:2], np.bool_) if mask is None else mask)
    if normalize:
        hidden = hidden / np.maximum(np.linalg.norm(hidden, axis=-1, keepdims=True), LEAST_NORM)
    return hidden
