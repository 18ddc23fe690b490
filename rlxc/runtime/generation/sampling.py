"""Choosing the next token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rlxc.diagnostics import RlxcError

Array = NDArray[Any]


@dataclass(frozen=True)
class Sampling:
    """How the next token is chosen: the most likely one, unless there is a `temperature`.

    The logits are divided by the temperature. Then only the `top_k` most likely tokens stay, of these the fewest
    whose probabilities sum to `top_p`, and of these the ones that are at least `min_p` times as likely as the
    most likely one. Before all that, the logits of tokens that are there already are divided by
    `repetition_penalty` if they are positive, and else multiplied by it (Keskar et al. 2019).
    """

    temperature: float | None = None
    top_k: int | None = None
    top_p: float | None = None
    min_p: float | None = None
    repetition_penalty: float | None = None
    seed: int | None = None

    def __post_init__(self) -> None:
        self._check("temperature", self.temperature, 0.0, np.inf)
        self._check("top_k", self.top_k, 1, np.inf)
        self._check("top_p", self.top_p, 0.0, 1.0)
        self._check("min_p", self.min_p, 0.0, 1.0)
        if self.repetition_penalty is not None and not 0 < self.repetition_penalty < np.inf:
            raise RlxcError(f"repetition_penalty must be a positive number, got {self.repetition_penalty}")
        if not self.temperature and any(one is not None for one in (self.top_k, self.top_p, self.min_p)):
            raise RlxcError("top_k, top_p and min_p are for sampling", hint="give a temperature, such as 1.0")

    @staticmethod
    def _check(name: str, value: float | None, least: float, most: float) -> None:
        if value is not None and not least <= value <= most:
            raise RlxcError(f"{name} must be from {least:g} to {most:g}, got {value}")


class Sampler:
    """Chooses tokens, the same ones for the same seed."""

    def __init__(self, sampling: Sampling):
        self._sampling = sampling
        self._generator = np.random.default_rng(sampling.seed)

    def choose(self, logits: Array, seen: list[Array]) -> NDArray[np.int64]:
        """The next token of each sequence, by logits `[batch, vocabulary]`; `seen` holds the ids there are."""
        if not self._sampling.temperature and self._sampling.repetition_penalty is None:
            return np.argmax(logits, axis=-1)
        logits = penalized(logits.astype(np.float64), seen, self._sampling.repetition_penalty)
        if not self._sampling.temperature:
            return np.argmax(logits, axis=-1)
        return np.array([self._sample(row) for row in logits], np.int64)

    def _sample(self, logits: Array) -> int:
        sampling = self._sampling
        ids = np.arange(len(logits)) if sampling.top_k is None else descending(logits, sampling.top_k)
        scaled = logits[ids] / sampling.temperature
        probabilities = normalized(np.exp(scaled - scaled.max()))
        if sampling.top_p is not None:
            kept = nucleus(probabilities, sampling.top_p)
            ids, probabilities = ids[kept], probabilities[kept]
        if sampling.min_p is not None:
            unlikely = probabilities < sampling.min_p * probabilities.max()
            probabilities = np.where(unlikely, 0.0, probabilities)
        return int(ids[drawn(probabilities, float(self._generator.random()))])


def drawn(weights: Array, uniform: float) -> int:
    """The place that a number from 0 to 1, without 1, falls on, if each place is as wide as its weight."""
    ends: Array = np.cumsum(weights)
    # A product that is rounded up to the sum of all would fall behind the last place that has a weight.
    behind = int(np.count_nonzero(ends <= uniform * ends[-1]))
    return min(behind, int(np.flatnonzero(weights)[-1]))


def nucleus(probabilities: Array, top_p: float) -> NDArray[np.int64]:
    """Where the fewest largest probabilities are that sum to `top_p`, and at least one (Holtzman et al. 2020)."""
    count = 64
    while True:
        # A nucleus is small nearly always, and to find a few takes a tenth of the time of sorting a vocabulary.
        order = descending(probabilities, count)
        before = np.cumsum(probabilities[order]) - probabilities[order]
        inside = max(1, int(np.count_nonzero(before < top_p)))
        if inside < len(order) or count >= len(probabilities):
            return order[:inside]
        count *= 16


def descending(values: Array, count: int) -> NDArray[np.int64]:
    """Where the `count` largest values are, the largest one first; of equal ones the first one."""
    if count >= len(values):
        return np.argsort(-values, kind="stable")
    # Sorting all tokens of a vocabulary takes ten times as long as finding the largest ones.
    found = np.flatnonzero(values >= np.partition(values, -count)[-count])
    return found[np.argsort(-values[found], kind="stable")][:count]


def normalized(weights: Array) -> Array:
    """Probabilities in proportion to weights."""
    return weights / weights.sum()


def penalized(logits: Array, seen: list[Array], penalty: float | None) -> Array:
    """The logits, less for tokens that are there already; changed in place."""
    for row, ids in zip(logits, seen, strict=True) if penalty is not None else ():
        unique = np.unique(ids)
        found = row[unique]
        row[unique] = np.where(found > 0, found / penalty, found * penalty)
    return logits
