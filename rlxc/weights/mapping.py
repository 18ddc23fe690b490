"""Tensors in memory."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from rlxc.diagnostics import RlxcError
from rlxc.weights.source import Array, require_key


@dataclass(frozen=True)
class MappingWeights:
    """The arrays of a mapping, by key."""

    arrays: Mapping[str, Array]
    name: str = "the given weights"

    def __str__(self) -> str:
        return self.name

    def keys(self) -> Collection[str]:
        """See `WeightSource`."""
        return self.arrays.keys()

    def shape(self, key: str) -> tuple[int, ...]:
        """See `WeightSource`."""
        return self.get(key).shape

    def get(self, key: str) -> Array:
        """See `WeightSource`. Raises RlxcError if the value is not a NumPy array."""
        require_key(self, key)
        value = cast(Any, self.arrays[key])
        if not isinstance(value, np.ndarray):
            raise RlxcError(
                f"weight '{key}' in {self} is a {type(value).__name__}, not a NumPy array",
                hint="convert it with np.asarray",
            )
        return cast(Array, value)
