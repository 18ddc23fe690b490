"""Texts as padded batches of ids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from rlxc.diagnostics import RlxcError
from rlxc.models.checkpoint.text_reading import TextReading
from rlxc.models.tokenizer import Tokenizer, require_text

Array = NDArray[Any]

MOST_ROWS = 32
"""How many texts are read together."""


class Batch(NamedTuple):
    """Ids and mask `[batch, tokens]`; `rows` says which texts they are of."""

    rows: list[int]
    ids: NDArray[np.int64]
    mask: NDArray[np.bool_]


def read_texts(
    tokenizer: Tokenizer, texts: Sequence[str], reading: TextReading, most: int, *, truncate: bool
) -> list[list[int]]:
    """The ids of texts, of which each has at most `most`; longer ones are cut if `truncate`, or else an RlxcError."""
    texts, found = checked_texts(texts), list[list[int]]()
    for number, text in enumerate(texts):
        whole = reading.whole(text)
        ids = tokenizer.encode(whole)
        if not ids:
            raise RlxcError(f"text {number + 1} of {len(texts)} has no tokens", hint="leave it out")
        if len(ids) > most and not truncate:
            raise RlxcError(
                f"text {number + 1} of {len(texts)} has {len(ids)} tokens, more than the {most} that the model reads",
                hint="cut it into parts, or have it truncated",
            )
        found.append(tokenizer.encode(whole, most=most) if len(ids) > most else ids)
    return found


def checked_texts(texts: object) -> list[str]:
    """The texts. Raises RlxcError for one that stands alone, or is none."""
    if isinstance(texts, str | bytes) or not isinstance(texts, Iterable):
        raise RlxcError(f"the texts are a {type(texts).__name__}, expected a list", hint="give a list: [text]")
    listed = list(cast("Iterable[object]", texts))
    return [require_text(text, f"text {number + 1} of {len(listed)}") for number, text in enumerate(listed)]


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
