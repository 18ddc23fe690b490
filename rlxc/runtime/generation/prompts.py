"""Checking the ids that a caller gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rlxc.diagnostics import RlxcError

Array = NDArray[Any]


@dataclass(frozen=True)
class Prompts:
    """Token ids `[batch, tokens]`; `mask` is True where there is one, and None if there is one everywhere."""

    ids: NDArray[np.int64]
    mask: NDArray[np.bool_] | None

    @property
    def batch(self) -> int:
        """How many sequences there are."""
        return self.ids.shape[0]


def checked_prompts(ids: ArrayLike, attention_mask: ArrayLike | None, vocab_size: int) -> Prompts:
    """The ids and their mask. Raises RlxcError if they are no ids, or the mask does not fit."""
    array = checked_ids(ids, vocab_size)
    return Prompts(array, None if attention_mask is None else checked_mask(attention_mask, array.shape))


def checked_ids(ids: ArrayLike, vocab_size: int) -> NDArray[np.int64]:
    """The ids as an array, one row a sequence. Raises RlxcError if they are no ids."""
    array = as_array("input_ids", ids)
    if array.ndim not in (1, 2) or array.dtype.kind not in "iu" or not array.size:
        raise RlxcError(
            f"input_ids must be whole numbers [batch, tokens], got {array.dtype} {list(array.shape)}",
            hint="give the ids of at least one token: [[1, 2, 3]]",
        )
    array = np.atleast_2d(array)
    outside = array[(array < 0) | (array >= vocab_size)]
    if outside.size:
        raise RlxcError(f"token id {outside[0]} is not in the vocabulary of {vocab_size}")
    return array.astype(np.int64)


def as_array(name: str, values: ArrayLike) -> Array:
    """The values as an array. Raises RlxcError if rows differ in length."""
    try:
        return np.asarray(values)
    except ValueError as error:
        raise RlxcError(
            f"{name} must be an array [batch, tokens], but its rows differ in length",
            hint="pad the shorter ones, and hide the padding with an attention_mask",
        ) from error


def checked_shape(name: str, values: ArrayLike, shape: tuple[int, ...]) -> Array:
    """Values for each id. Raises RlxcError if they have another shape."""
    array = np.atleast_2d(as_array(name, values))
    if array.shape != shape:
        raise RlxcError(f"{name} has shape {list(array.shape)}, but input_ids {list(shape)}")
    return array


def visible_tokens(attention_mask: ArrayLike, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Where the mask is not 0. Raises RlxcError unless it has the shape of the ids, and finite numbers."""
    mask = checked_shape("attention_mask", attention_mask, shape)
    if mask.dtype.kind not in "biuf":
        raise RlxcError(f"attention_mask must be numbers, 0 where a token is hidden, got {mask.dtype}")
    if not np.isfinite(mask).all():
        raise RlxcError("attention_mask must be finite numbers, got NaN or infinity", hint="hide tokens with 0")
    return mask.astype(np.bool_)


def checked_mask(attention_mask: ArrayLike, shape: tuple[int, ...]) -> NDArray[np.bool_] | None:
    """The mask of left-padded sequences; None if it hides nothing."""
    mask = visible_tokens(attention_mask, shape)
    if np.any(mask[:, :-1] & ~mask[:, 1:]) or not mask[:, -1].all():
        raise RlxcError(
            "attention_mask hides tokens at the end or in the middle", hint="pad the prompts on the left side"
        )
    return None if mask.all() else mask
