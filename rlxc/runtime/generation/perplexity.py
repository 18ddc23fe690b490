"""How well a model foresees a text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rlxc.runtime.generation.programs import DecoderPrograms
from rlxc.runtime.generation.session import CHUNK, Session

Array = NDArray[Any]

ROWS = 64
"""How many positions have their logits in memory at once."""


def log_probabilities(programs: DecoderPrograms, ids: Array, window: int) -> Iterator[Array]:
    """The natural logarithms of the probabilities of all ids `[tokens]` but the first, each after those before it.

    At most `window` ids are before it: the text is read in windows of so many, each anew.
    """
    for first in range(0, len(ids) - 1, window):
        session = Session(programs, batch=1)
        end = min(first + window, len(ids) - 1)
        for start in range(first, end, CHUNK):
            hidden = session.read(ids[None, start : min(start + CHUNK, end)])
            targets = ids[start + 1 : start + 1 + hidden.shape[1]]
            for row in range(0, len(targets), ROWS):
                rows = slice(row, row + ROWS)
                yield chosen_log_softmax(programs.logits(hidden[:, rows])[0], targets[rows])


def chosen_log_softmax(logits: Array, targets: Array) -> Array:
    """`logits[target] - log(sum(exp(logits)))` for each row, in float64."""
    largest = logits.max(axis=-1, keepdims=True)
    shifted = (logits - largest).astype(np.float64)
    return shifted[np.arange(len(targets)), targets] - np.log(np.exp(shifted).sum(axis=-1))
