"""What a parameter is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class ParamSpec:
    """What a parameter is: which stored tensors, how they are combined, and what must come out.

    `shape` and `dtype` are those of the value. With `transposed` each stored tensor is
    `[N, K]` and the value `[K, N]`. Several keys are concatenated on the last axis of the
    value. `digest` is the `content_digest` of the stored content in `dtype`. A `table` (of
    cosines or sines) must be finite.
    """

    keys: tuple[str, ...]
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    transposed: bool = False
    digest: str | None = None
    table: bool = False

    @property
    def stored_shape(self) -> tuple[int, ...]:
        """The shape of the stored tensor, or of all of them concatenated."""
        return tuple(reversed(self.shape)) if self.transposed else self.shape

    @property
    def stored_axis(self) -> int:
        """The axis of the stored tensors on which several are concatenated."""
        return 0 if self.transposed else len(self.shape) - 1
