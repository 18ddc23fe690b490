"""Choosing tokens."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from rlxc import RlxcError
from rlxc.runtime.generation import Sampling
from rlxc.runtime.generation.sampling import Sampler, descending, nucleus
from rlxc.runtime.generation.sampling import drawn as place_of

LOGITS = np.log(np.array([[0.4, 0.3, 0.2, 0.1]], np.float32))


def drawn(count: int = 400, seen: tuple[int, ...] = (), **sampling: Any) -> list[int]:
    """Many tokens drawn one after the other, from the same logits."""
    sampler = Sampler(Sampling(**{"seed": 1, **sampling}))
    return [int(sampler.choose(LOGITS, [np.array(seen, np.int64)])[0]) for _ in range(count)]


@pytest.mark.parametrize("count", [1, 3, 7, 49, 50, 60])
def test_largest_of_equal_values(count: int) -> None:
    values = np.random.default_rng(0).integers(0, 6, 50).astype(np.float64)
    expected = sorted(range(50), key=lambda place: (-values[place], place))[:count]
    assert descending(values, count).tolist() == expected


@pytest.mark.parametrize("sharpness", [0.0, 0.1, 3.0])
@pytest.mark.parametrize("top_p", [0.0, 0.5, 0.99, 1.0])
def test_nucleus_is_the_fewest_that_sum_to_top_p(sharpness: float, top_p: float) -> None:
    weights = np.exp(sharpness * np.random.default_rng(0).standard_normal(5000))
    probabilities = weights / weights.sum()
    found = nucleus(probabilities, top_p)
    assert found.tolist() == descending(probabilities, len(found)).tolist()
    assert len(found) == 1 or probabilities[found[:-1]].sum() < top_p + 1e-12
    assert probabilities[found].sum() >= top_p - 1e-12


@pytest.mark.parametrize(("uniform", "place"), [(0.0, 1), (0.49, 1), (0.5, 3), (np.nextafter(1.0, 0.0), 3)])
def test_places_without_weight_are_never_drawn(uniform: float, place: int) -> None:
    assert place_of(np.array([0.0, 0.2, 0.0, 0.2, 0.0]), uniform) == place


def test_without_a_temperature_the_most_likely() -> None:
    assert set(drawn()) == {0}


def test_frequencies_are_the_probabilities() -> None:
    counts = np.bincount(drawn(4000, temperature=1.0), minlength=4) / 4000
    np.testing.assert_allclose(counts, [0.4, 0.3, 0.2, 0.1], atol=0.03)


def test_temperature_divides_the_logits() -> None:
    counts = np.bincount(drawn(4000, temperature=0.5), minlength=4) / 4000
    np.testing.assert_allclose(counts, np.array([16, 9, 4, 1]) / 30, atol=0.03)


@pytest.mark.parametrize(
    ("limit", "kept"),
    [({"top_k": 2}, {0, 1}), ({"top_p": 0.75}, {0, 1, 2}), ({"top_p": 0.4}, {0}), ({"min_p": 0.6}, {0, 1})],
)
def test_limits(limit: dict[str, Any], kept: set[int]) -> None:
    assert set(drawn(temperature=1.0, **limit)) == kept


def test_a_seed_repeats() -> None:
    assert drawn(50, temperature=1.0, seed=3) == drawn(50, temperature=1.0, seed=3) != drawn(50, temperature=1.0)


def test_repetition_penalty() -> None:
    """Logarithms of probabilities are negative, and so multiplied."""
    assert set(drawn(1, seen=(0,), repetition_penalty=2.0)) == {1}


@pytest.mark.parametrize(
    ("sampling", "message"),
    [
        ({"temperature": -1.0}, "temperature must be from 0"),
        ({"temperature": 1.0, "top_p": 1.5}, "top_p must be from 0 to 1"),
        ({"temperature": 1.0, "top_k": 0}, "top_k must be from 1"),
        ({"repetition_penalty": 0.0}, "repetition_penalty must be a positive number"),
        ({"top_k": 3}, "are for sampling"),
    ],
)
def test_options_out_of_range(sampling: dict[str, Any], message: str) -> None:
    with pytest.raises(RlxcError, match=message):
        Sampling(**sampling)
