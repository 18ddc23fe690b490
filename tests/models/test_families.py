"""Windows and long ropes, alone and in batches of prompts of two lengths, against transformers.

`bench/references/make_families.py` makes the models.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from rlxc import Model, load_model

Array = NDArray[Any]

FAMILIES = Path(__file__).parents[1] / "data" / "families"
NAMES = sorted(path.name for path in FAMILIES.iterdir())
MIXED_LENGTHS = ("gemma4", "gemma4_e", "mistral_window", "phi3_longrope")
"""Full and sliding layers, caches that move, and caches that are filled again."""


@cache
def loaded(name: str, target: Any) -> Model:
    return load_model(FAMILIES / name, target, max_context=64)


@cache
def reference(name: str) -> dict[str, Array]:
    with np.load(FAMILIES / name / "reference.npz") as found:
        return dict(found)


@pytest.mark.parametrize("name", NAMES)
def test_logits(name: str) -> None:
    expected = reference(name)
    logits = loaded(name, "numpy").logits(expected["input_ids"][:1])
    assert np.max(np.abs(logits - expected["logits64"])) <= expected["tolerance"]


@pytest.mark.parametrize("name", NAMES)
def test_greedy_ids(name: str) -> None:
    expected = reference(name)
    count = expected["greedy_ids"].shape[1]
    ids = loaded(name, "numpy").generate(expected["input_ids"][:1], count, stop_ids=())
    np.testing.assert_array_equal(ids, expected["greedy_ids"])


@pytest.mark.parametrize("name", NAMES)
def test_padded_batch(name: str) -> None:
    """The second prompt begins late."""
    check_padded_batch(name, "numpy")


@pytest.mark.parametrize("name", MIXED_LENGTHS)
def test_padded_batch_on_native(name: str) -> None:
    check_padded_batch(name, "native")


def check_padded_batch(name: str, target: str) -> None:
    expected = reference(name)
    model, count = loaded(name, target), expected["greedy_ids"].shape[1]
    ids = model.generate(expected["input_ids"], count, expected["attention_mask"], stop_ids=())
    np.testing.assert_array_equal(ids, expected["greedy_ids_padded"])
