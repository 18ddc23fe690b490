"""What is timed: reading a prompt, and choosing the tokens after it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

FLOAT_BYTES = 4


@dataclass(frozen=True)
class Task:
    """One run of a kind: `prefill` reads `tokens`, `decode` chooses one of those that follow.

    `flops` are those of its matmuls, `bytes` those of the weights that it reads; attention comes on top.
    """

    kind: Literal["prefill", "decode"]
    tokens: int
    flops: float
    bytes: float


def tasks(model: Path, prompt: int) -> list[Task]:
    """Both kinds, for a prompt of so many tokens."""
    body, head = matrix_sizes(model)
    size = FLOAT_BYTES * (body + head)
    return [
        Task("prefill", prompt, 2.0 * (body * prompt + head), size),
        Task("decode", 1, 2.0 * (body + head), size),
    ]


def matrix_sizes(model: Path) -> tuple[int, int]:
    """The elements of all matrices that a token is multiplied by: of layers, and of the head."""
    from rlxc.models.checkpoint import open_checkpoint

    weights = open_checkpoint(model).weights
    sizes = {key: int(np.prod(shape)) for key in weights.keys() if len(shape := weights.shape(key)) == 2}
    embedding = next(key for key in sizes if "embed" in key)
    head = next((key for key in sizes if key.startswith(("lm_head", "embed_out"))), embedding)
    return sum(size for key, size in sizes.items() if key not in (embedding, head)), sizes[head]
