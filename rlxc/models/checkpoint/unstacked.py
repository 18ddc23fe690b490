"""Experts whose matrices are stacked in one tensor, by keys of their own."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rlxc.weights import WeightSource
from rlxc.weights.divided import DividedWeights
from rlxc.weights.encoded import EncodedMatrix
from rlxc.weights.source import Stored

STACKED = re.compile(r"(.*\.experts)\.(gate_up_proj|down_proj)")
"""A tensor `[experts, out, in]`, as transformers keeps experts in memory."""

MOST_EXPERTS = 4096


def unstacked(source: WeightSource) -> WeightSource:
    """The tensors of `source`, with `experts.3.down_proj.weight` for the fourth part of `experts.down_proj`."""
    parts: dict[str, Matrix] = {}
    for key in source.keys():
        if (match := STACKED.fullmatch(key)) is None:
            continue
        shape = source.shape(key)
        if len(shape) == 3 and shape[0] <= MOST_EXPERTS:
            parts |= {f"{match[1]}.{number}.{match[2]}.weight": Matrix(key, number) for number in range(shape[0])}
    return DividedWeights(source, parts) if parts else source


@dataclass(frozen=True)
class Matrix:
    """One of the matrices of a tensor."""

    key: str
    number: int

    def shape(self, whole: tuple[int, ...]) -> tuple[int, ...]:
        """See `Part`."""
        return whole[1:]

    def mismatch(self, whole: tuple[int, ...]) -> str | None:
        """See `Part`. There are only parts that a tensor has."""
        return None

    def of(self, whole: Stored) -> Stored:
        """See `Part`."""
        assert not isinstance(whole, EncodedMatrix)  # of rank 2
        return whole[self.number]
