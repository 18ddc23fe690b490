"""Weights of which a text says the shapes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from rlxc.weights.source import Array


@dataclass(frozen=True)
class DeclaredWeights:
    """Tensors of given shapes, that a flow can be built with. Each holds one number everywhere, none that of another.

    They take no memory, and no two are taken for equal.
    """

    shapes: Mapping[str, tuple[int, ...]]
    name: str

    def __str__(self) -> str:
        return f"the weights that '{self.name}' declares"

    def keys(self) -> Collection[str]:
        """See `WeightSource`."""
        return self.shapes.keys()

    def shape(self, key: str) -> tuple[int, ...]:
        """See `WeightSource`."""
        return self.shapes[key]

    def get(self, key: str) -> Array:
        """See `WeightSource`."""
        number = list(self.shapes).index(key)
        return np.broadcast_to(np.float32(number), self.shapes[key])
