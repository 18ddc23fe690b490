"""Perplexity, against its formula in float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from reference_models import loaded
from rlxc import RlxcError
from rlxc.runtime.generation import perplexity


def expected(name: str, ids: list[int], window: int) -> float:
    logs: list[float] = []
    for first in range(0, len(ids) - 1, window):
        part = ids[first : first + window + 1]
        logits = loaded(name, "numpy").logits(part[:-1])[0].astype(np.float64)
        logs += [row[token] - np.log(np.exp(row).sum()) for row, token in zip(logits, part[1:], strict=True)]
    return float(np.exp(-np.mean(logs)))


@pytest.mark.parametrize("window", [1, 7, 10, 40])
@pytest.mark.parametrize("name", ["llama_tiny", "gemma3_tiny"])
def test_windows(name: str, window: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where windows are read, and their logits made, in parts."""
    monkeypatch.setattr(perplexity, "CHUNK", 4)
    monkeypatch.setattr(perplexity, "ROWS", 3)
    ids = np.random.default_rng(0).integers(0, 128, 21).tolist()
    assert loaded(name, "numpy").perplexity(ids, window) == pytest.approx(expected(name, ids, window), rel=1e-5)


@pytest.mark.parametrize(
    ("ids", "window", "message"),
    [
        ([1], None, "at least two tokens"),
        ([[1, 2], [3, 4]], None, "one text"),
        ([1, 2], 0, "a window has from 1 to"),
        ([1, 2], 10**6, "a window has from 1 to"),
    ],
)
def test_errors(ids: Any, window: int | None, message: str) -> None:
    with pytest.raises(RlxcError, match=message):
        loaded("llama_tiny", "numpy").perplexity(ids, window)
