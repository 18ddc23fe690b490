"""What a model makes of each token."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rlxc.diagnostics import RlxcError
from rlxc.models.config import EncoderConfig
from rlxc.runtime.generation.encoder_programs import EncoderPrograms
from rlxc.runtime.generation.programs import DecoderPrograms
from rlxc.runtime.generation.prompts import checked_ids, checked_prompts, checked_shape, visible_tokens
from rlxc.runtime.generation.session import Session

Array = NDArray[Any]
Mask = NDArray[np.bool_]


class HiddenStates(NamedTuple):
    """States `[batch, tokens, hidden_size]`, and where there is a token: everywhere if `mask` is None."""

    states: Array
    mask: Mask | None


def encoder_states(
    programs: EncoderPrograms, ids: ArrayLike, attention_mask: ArrayLike | None, token_types: ArrayLike | None
) -> HiddenStates:
    """The states of whole texts. Raises RlxcError for what does not fit the model."""
    config = programs.config
    array = checked_ids(ids, config.vocab_size)
    require_positions(array.shape[1], programs.max_context)
    mask = None if attention_mask is None else checked_tokens(attention_mask, array.shape)
    return HiddenStates(programs.hidden(array, mask, checked_types(token_types, array, config)), mask)


def decoder_states(programs: DecoderPrograms, ids: ArrayLike, attention_mask: ArrayLike | None) -> HiddenStates:
    """The states that logits are made of, after the last norm; each knows the tokens before it only."""
    prompts = checked_prompts(ids, attention_mask, programs.config.vocab_size)
    session = Session(programs, prompts.batch, padded=prompts.mask is not None)
    return HiddenStates(programs.normed(session.read(prompts.ids, prompts.mask)), prompts.mask)


def require_positions(length: int, most: int) -> None:
    """Raise RlxcError if texts are longer than the model can read."""
    if length > most:
        raise RlxcError(
            f"the text has {length} tokens, more than the {most} that the model reads", hint="cut it into parts"
        )


def checked_tokens(attention_mask: ArrayLike, shape: tuple[int, ...]) -> Mask | None:
    """The mask of padded texts; None if it hides nothing. Tokens may be hidden anywhere."""
    mask = visible_tokens(attention_mask, shape)
    if not mask.any(axis=1).all():
        raise RlxcError("attention_mask hides all tokens of a text", hint="give each text at least one token")
    return None if mask.all() else mask


def checked_types(token_types: ArrayLike | None, ids: Array, config: EncoderConfig) -> NDArray[np.int64]:
    """The types of tokens, by default 0."""
    if token_types is None:
        return np.zeros_like(ids)
    types = checked_shape("token_type_ids", token_types, ids.shape)
    if types.dtype.kind not in "iu":
        raise RlxcError(f"token_type_ids must be whole numbers, got {types.dtype}")
    outside = types[(types < 0) | (types >= config.type_vocab_size)]
    if outside.size:
        raise RlxcError(f"token type {outside[0]} is none of the {config.type_vocab_size} types")
    return types.astype(np.int64)
