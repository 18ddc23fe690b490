"""Tensors of a safetensors file."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any, cast

import numpy as np
from safetensors import SafetensorError, safe_open

from rlxc.diagnostics import RlxcError
from rlxc.weights.bfloat16 import from_bfloat16
from rlxc.weights.files import reading
from rlxc.weights.source import Array, require_key

READABLE = ("F64", "F32", "F16", "BF16", "I64", "I32", "I16", "I8", "U64", "U32", "U16", "U8", "BOOL")


class SafetensorsFile:
    """The tensors of a safetensors file, read on request; bfloat16 becomes float32.

    The library checks the header against the size of the file when it is opened.
    """

    def __init__(self, path: Path):
        self.path = path
        with reading(path, SafetensorError):
            self._file = cast(Any, safe_open(str(path), framework="numpy"))
            self._keys = frozenset[str](self._file.keys())

    def __str__(self) -> str:
        return f"'{self.path}'"

    def keys(self) -> Collection[str]:
        """See `WeightSource`."""
        return self._keys

    def shape(self, key: str) -> tuple[int, ...]:
        """See `WeightSource`."""
        require_key(self, key)
        return tuple(self._file.get_slice(key).get_shape())

    def get(self, key: str) -> Array:
        """See `WeightSource`. Raises RlxcError for a type that NumPy cannot hold, such as F8_E4M3."""
        require_key(self, key)
        dtype = self._file.get_slice(key).get_dtype()
        if dtype not in READABLE:
            raise RlxcError(
                f"weight '{key}' in {self} has the unsupported type {dtype}", hint="store it as F32, F16 or BF16"
            )
        if dtype == "BF16":
            return self._bfloat16(key)
        with reading(self.path, SafetensorError):
            return self._file.get_tensor(key)

    def _bfloat16(self, key: str) -> Array:
        """Read the bits past the library, which has no NumPy type for them. The header is known to be sound."""
        with reading(self.path), self.path.open("rb") as stream:
            header_size = int.from_bytes(stream.read(8), "little")
            begin, end = json.loads(stream.read(header_size))[key]["data_offsets"]
            stream.seek(8 + header_size + begin)
            bits = np.frombuffer(stream.read(end - begin), "<u2")
        return from_bfloat16(bits).reshape(self.shape(key))
