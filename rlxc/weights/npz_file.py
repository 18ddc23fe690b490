"""Tensors of a NumPy `.npz` archive."""

from __future__ import annotations

import math
import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path
from tokenize import TokenError
from typing import IO, Any

import numpy as np

from rlxc.weights.files import damaged, reading
from rlxc.weights.source import Array, require_key

MAX_DEFLATE_RATIO = 1032
"""No deflate stream unpacks to more than this many times its size."""

HEADER_READERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


class NpzFile:
    """The arrays of a `.npz` archive, read on request; pickled objects are refused.

    A member's header, the directory of the archive and the packed size must agree before
    anything is allocated.
    """

    def __init__(self, path: Path):
        self.path = path
        with reading(path, zipfile.BadZipFile, NotImplementedError, ValueError):
            self._archive = zipfile.ZipFile(path)
        members = self._archive.infolist()
        self._members = {info.filename.removesuffix(".npy"): info for info in members}
        if len(self._members) < len(members):
            raise damaged(path, "two arrays have the same name")

    def __str__(self) -> str:
        return f"'{self.path}'"

    def keys(self) -> Collection[str]:
        """See `WeightSource`."""
        return self._members.keys()

    def shape(self, key: str) -> tuple[int, ...]:
        """See `WeightSource`."""
        require_key(self, key)
        with self._member(key) as stream:
            return self._header(key, stream)[0]

    def get(self, key: str) -> Array:
        """See `WeightSource`."""
        require_key(self, key)
        with self._member(key) as stream:
            self._check_size(key, *self._header(key, stream), stream.tell())
        with self._member(key) as stream, reading(self.path, ValueError, EOFError, zipfile.BadZipFile, zlib.error):
            array = np.lib.format.read_array(stream, allow_pickle=False)
            stream.read(1)  # the end of the member is where its checksum is compared
            return array

    def _member(self, key: str) -> IO[bytes]:
        with reading(self.path, zipfile.BadZipFile, NotImplementedError, RuntimeError):
            return self._archive.open(self._members[key])

    def _header(self, key: str, stream: IO[bytes]) -> tuple[tuple[int, ...], np.dtype[Any]]:
        """The shape and dtype that a member declares."""
        with reading(self.path, ValueError, EOFError, TokenError, zipfile.BadZipFile, zlib.error):
            version = np.lib.format.read_magic(stream)
            if version not in HEADER_READERS:
                raise ValueError(f"array '{key}' has the unknown format version {version}")
            shape, _, dtype = HEADER_READERS[version](stream)
        if dtype.hasobject:
            raise damaged(self.path, f"array '{key}' holds Python objects", "store plain numbers")
        return shape, dtype

    def _check_size(self, key: str, shape: tuple[int, ...], dtype: np.dtype[Any], header_size: int) -> None:
        info = self._members[key]
        needed = header_size + math.prod(shape) * dtype.itemsize
        if needed != info.file_size or info.file_size > MAX_DEFLATE_RATIO * max(info.compress_size, 1):
            raise damaged(
                self.path,
                f"array '{key}' declares shape {list(shape)} of {dtype}, {needed} bytes, but {info.file_size} bytes "
                f"are stored",
            )
