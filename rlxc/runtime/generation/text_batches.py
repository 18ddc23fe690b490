"""Texts as padded batches of ids."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rlxc.diagnostics import RlxcError
from rlxc.models.tokenizer import Tokenizer

Array = NDArray[Any]

MOST_ROWS = 32
"""How many texts are read together."""


class Batch(NamedTuple):
    """Ids and mask `[batch, tokens]`; `rows` says which texts they are of."""

    rows: list[int]
    ids: NDArray[np.int64]
    mask: NDArray[np.bool_]


def read_texts(tokenizer: Tokenizer, texts: Sequence[str], most: int, *, truncate: bool) -> list[list[int]]:
    """The ids of texts, of which each has at most `most`; longer ones are cut if `truncate`, or else an RlxcError."""
    found: list[list[int]] = []
    for number, text in enumerate(texts):
        ids = tokenizer.encode(text)
        if not ids:
            raise RlxcError(f"text {number + 1} of {len(texts)} is empty", hint="leave it out")
        if len(ids) > most and not truncate:
            raise RlxcError(
                f"text {number + 1} of {len(texts)} has {len(ids)} tokens, more than the {most} that the model reads",
                hint="cut it into parts, or have it truncated",
            )
        found.append(tokenizer.encode(text, most=most) if len(ids) > most else ids)
    return found


def batches(texts: Sequence[Sequence[int]], pad_id: int, *, left: bool) -> Iterator[Batch]:
    """All texts, those of similar length together; shorter ones are padded, on the `left` or on the right side."""
    order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
    for start in range(0, len(order), MOST_ROWS):
        rows = order[start : start + MOST_ROWS]
        length = len(texts[rows[-1]])
        ids = np.full((len(rows), length), pad_id, np.int64)
        mask = np.zeros(ids.shape, np.bool_)
        for index, row in enumerate(rows):
            place = slice(length - len(texts[row]), length) if left else slice(len(texts[row]))
            ids[index, place], mask[index, place] = texts[row], True
        yield Batch(rows, ids, mask)
