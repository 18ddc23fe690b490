"""The arrays of a workload."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.peers.workload import Workload

Array = NDArray[Any]
Arrays = dict[str, Array]

EPS = 1e-5
"""Of the RMS norms."""

NORMS = ("n1", "n2")
CACHES = ("kc", "vc")
STATE = ("x", *CACHES)
"""What is an input of each call; all else is constant, and a backend may rearrange it when it compiles."""


def arrays_of(workload: Workload, seed: int = 20240229) -> Arrays:
    """`x`, the weights, and what the workload has of rope tables `cos` and `sin`, norms and caches.

    The tables are `[total, n_rot / 2]`. The caches are `[kv_heads, cache, head_dim]`; their last rows are
    for the token of the step.
    """
    random = np.random.default_rng(seed)

    def normal(*shape: int, deviation: float = 1.0) -> Array:
        return random.standard_normal(shape, dtype=np.float32) * np.float32(deviation)

    arrays = {"x": normal(workload.tokens, workload.hidden)}
    for name, shape in workload.weight_shapes.items():
        arrays[name] = normal(*shape, deviation=shape[0] ** -0.5)
    if workload.kind not in ("matmul", "experts"):
        angles = rope_angles(workload)
        arrays["cos"], arrays["sin"] = np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)
    if workload.has_mlp:
        arrays |= {name: 1 + normal(workload.hidden, deviation=0.1) for name in NORMS}
    if workload.kind == "decode":
        for name in CACHES:
            arrays[name] = normal(workload.kv_heads, workload.cache, workload.head_dim)
            arrays[name][:, -1] = 0
    return arrays


def rope_angles(workload: Workload) -> Array:
    """`position * theta ** (-2i / n_rot)`, in float64."""
    frequencies = workload.theta ** (-np.arange(0, workload.n_rot, 2, dtype=np.float64) / workload.n_rot)
    return np.outer(np.arange(workload.total), frequencies)
