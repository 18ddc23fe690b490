"""The metadata of a GGUF file, with types checked."""

from __future__ import annotations

import reprlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from rlxc.diagnostics import RlxcError

MOST_LAYERS = 4096
"""A limit on `block_count`, which lists of layers are made of."""


@dataclass(frozen=True)
class Metadata:
    """The keys of a file that begin with its architecture. Raises RlxcError, naming the key, for what is amiss."""

    path: Path
    architecture: str
    values: Mapping[str, Any]

    def has(self, key: str) -> bool:
        """Whether the file has `ARCHITECTURE.key`."""
        return f"{self.architecture}.{key}" in self.values

    def integer(self, key: str, default: int | None = None) -> int:
        """An integer; of one for each layer, which must be equal, that one."""
        found = self._value(key, default)
        if isinstance(found, np.ndarray):
            per_layer = cast("list[Any]", cast("NDArray[Any]", found).tolist())
            if len(set(per_layer)) != 1:
                raise self.error(key, f"differs between layers: {per_layer[:8]}")
            found = per_layer[0]
        if not isinstance(found, int) or isinstance(found, bool):
            raise self.error(key, f"is {reprlib.repr(found)}, expected an integer")
        return found

    def number(self, key: str, default: float | None = None) -> float:
        """A number. Files hold float32: this is the shortest decimal that is stored so, such as 1e-06."""
        found = self._value(key, default)
        if not isinstance(found, int | float) or isinstance(found, bool) or not np.isfinite(found):
            raise self.error(key, f"is {reprlib.repr(found)}, expected a number")
        return float(str(np.float32(found)))

    def per_layer(self, key: str, layers: int) -> list[Any]:
        """A value for each layer: those of an array, or the same for all."""
        found = self._value(key, None)
        values = cast("NDArray[Any]", found).tolist() if isinstance(found, np.ndarray) else [found] * layers
        if not isinstance(values, list) or len(cast("list[Any]", values)) != layers:
            raise self.error(key, f"does not have one value for each of {layers} layers")
        return cast("list[Any]", values)

    def layers(self) -> int:
        """The number of layers."""
        count = self.integer("block_count")
        if not 0 < count <= MOST_LAYERS:
            raise self.error("block_count", f"is {count}, expected 1 to {MOST_LAYERS}")
        return count

    def text(self, key: str, default: str) -> str:
        """A string."""
        found = self._value(key, default)
        if not isinstance(found, str):
            raise self.error(key, f"is {reprlib.repr(found)}, expected a string")
        return found

    def error(self, key: str, problem: str) -> RlxcError:
        """The error for a key."""
        return RlxcError(f"cannot read the model '{self.path}': the metadata '{self.architecture}.{key}' {problem}")

    def _value(self, key: str, default: object) -> object:
        found = self.values.get(f"{self.architecture}.{key}", default)
        if found is None:
            raise self.error(key, "is missing")
        return found
