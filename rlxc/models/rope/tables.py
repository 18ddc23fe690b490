"""Tables of cosines and sines."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rlxc.models.rope.base import Array, Rope


class CosSin(NamedTuple):
    """Tables `[positions, table_width]` in float32."""

    cos: Array
    sin: Array


def rope_tables(rope: Rope, positions: int, length: int | None = None, divisors: Array | None = None) -> CosSin:
    """The tables for positions from 0, in sequences of `length` (all positions, if None); see `rope_rows`."""
    return rope_rows(rope, range(positions), positions if length is None else length, divisors)


def rope_rows(rope: Rope, positions: range, length: int, divisors: Array | None = None) -> CosSin:
    """The rows of the tables for some positions, in a sequence of `length`.

    `divisors` divide the frequencies: GGUF files store the scaling of Llama 3 so. Frequencies are rounded to
    float32, as everyone else does; the angles and their cosines are computed in float64.
    """
    frequencies = rope.inverse_frequencies(length)
    if divisors is not None:
        frequencies = frequencies / divisors
    angles = np.outer(np.array(positions), frequencies.astype(np.float32).astype(np.float64))
    factor = rope.attention_factor
    return CosSin((np.cos(angles) * factor).astype(np.float32), (np.sin(angles) * factor).astype(np.float32))
