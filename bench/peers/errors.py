"""How far results are from the reference."""

from __future__ import annotations

import numpy as np

from bench.peers.inputs import Arrays

MOST = 2e-4
"""A backend whose largest error, relative to the largest element, is above this is not timed."""


def largest_error(found: Arrays, expected: Arrays) -> float:
    """The largest `max |found - expected| / max |expected|` of all results; infinite if one is not a number."""
    worst = 0.0
    for name, exact in expected.items():
        result = np.asarray(found[name], np.float64)
        if result.shape != exact.shape:
            raise ValueError(f"{name} has shape {result.shape}, expected {exact.shape}")
        error = float(np.max(np.abs(result - exact)) / np.max(np.abs(exact)))
        worst = max(worst, error if np.isfinite(error) else np.inf)
    return worst
