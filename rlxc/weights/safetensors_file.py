"""Tensors of a safetensors file."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import DTypeLike
from safetensors import SafetensorError, safe_open

from rlxc.diagnostics import RlxcError
from rlxc.weights.bfloat16 import BFLOAT16, floats
from rlxc.weights.files import reading
from rlxc.weights.mapped_file import MappedFile
from rlxc.weights.source import Array, require_key

DTYPES: dict[str, DTypeLike] = {
    **{"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": BFLOAT16, "BOOL": np.bool_},
    **{f"{kind}{8 * size}": f"<{kind.lower()}{size}" for kind in "IU" for size in (1, 2, 4, 8)},
}
"""The NumPy type of each type that can be read."""


class Entry(NamedTuple):
    """What the header says of a tensor; offsets count from the start of the file."""

    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int


class SafetensorsFile:
    """The tensors of a safetensors file, views of the file in memory; `get` makes float32 of bfloat16.

    The library checks the header against the size of the file when it is opened.
    """

    def __init__(self, path: Path):
        self.path = path
        with reading(path, SafetensorError):
            with cast(Any, safe_open(str(path), framework="numpy")):
                pass
            self._file = MappedFile(path)
        self._entries = read_entries(self._file.data)

    def __str__(self) -> str:
        return f"'{self.path}'"

    def keys(self) -> Collection[str]:
        """See `WeightSource`."""
        return self._entries.keys()

    def shape(self, key: str) -> tuple[int, ...]:
        """See `WeightSource`."""
        return self._entry(key).shape

    def get(self, key: str) -> Array:
        """See `WeightSource`. Raises RlxcError for a type that NumPy cannot hold, such as F8_E4M3."""
        return floats(self.stored(key))

    def stored(self, key: str) -> Array:
        """See `MappedSource`. Raises RlxcError as `get` does."""
        entry = self._entry(key)
        if entry.dtype not in DTYPES:
            raise RlxcError(
                f"weight '{key}' in {self} has the unsupported type {entry.dtype}", hint="store it as F32, F16 or BF16"
            )
        return self._file.view(DTYPES[entry.dtype], entry.shape, entry.begin)

    def release(self, key: str) -> None:
        """See `MappedSource`."""
        entry = self._entry(key)
        self._file.release(entry.begin, entry.end - entry.begin)

    def _entry(self, key: str) -> Entry:
        require_key(self, key)
        return self._entries[key]


def read_entries(data: Any) -> dict[str, Entry]:
    """The tensors of a file that is known to be sound, by key."""
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    header.pop("__metadata__", None)
    return {
        key: Entry(one["dtype"], tuple(one["shape"]), *(start + offset for offset in one["data_offsets"]))
        for key, one in header.items()
    }
