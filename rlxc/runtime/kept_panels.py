"""Which packed weights are kept on disk, and under which keys."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from functools import partial
from hashlib import blake2b
from typing import Any

import numpy as np

from rlxc.native.object_cache import key_of
from rlxc.native.pack_cache import PackCache, bytes_of
from rlxc.native.signature import Panels
from rlxc.runtime.arguments import Array
from rlxc.runtime.idle_work import IDLE_WORK
from rlxc.weights.encoded import EncodedMatrix
from rlxc.weights.source import Stored

LAYOUT = "panels 1"
"""To be changed with the order of numbers in panels, or with what decoders make of bytes."""

LEAST_BYTES = 256 * 1024
"""Smaller ones are decoded as fast as a file is found."""

HASHED_BYTES = 256 * 1024
"""What one thread hashes at once."""


class KeptPanels:
    """The packed weights of one program on disk: those that have to be decoded.

    What is read and written together stays within the limit of the cache, so that a program that needs more finds
    a part of it each time.
    """

    def __init__(self, cache: PackCache | None, threads: Executor):
        self._cache, self._threads = cache, threads
        self._left = 0 if cache is None else cache.limit
        self._refused = False

    def key(self, matrices: Sequence[Stored], panels: Panels, packed: Array) -> str | None:
        """What `packed`, made of `matrices`, is kept under; None if it is not kept."""
        if self._refused or not LEAST_BYTES <= packed.nbytes <= self._left:
            return None
        if not any(isinstance(matrix, EncodedMatrix) for matrix in matrices):
            return None
        result = (repr(panels), repr(packed.shape), packed.dtype.newbyteorder("=").str)
        return key_of((LAYOUT, *result, *(self._content(matrix) for matrix in matrices)))

    def fill(self, key: str, packed: Array) -> bool:
        """Fill `packed`, which is zero, with what is kept; whether there is something."""
        found = self._cache is not None and self._cache.get(key, packed, self._threads)
        self._left -= packed.nbytes if found else 0
        return found

    def keep(self, key: str, packed: Array) -> None:
        """Keep `packed` for the next time: write it when there is time. It does not change from now on."""
        self._left -= packed.nbytes
        IDLE_WORK.add(partial(self._write, key, packed))

    def _write(self, key: str, packed: Array) -> None:
        """Write an entry. Where one cannot be written, others are not tried."""
        if self._cache is not None and not self._refused:
            self._refused = not self._cache.put(key, packed)

    def _content(self, matrix: Stored) -> str:
        """The digest of what is stored, not of what it is decoded to, which is several times as much."""
        if isinstance(matrix, EncodedMatrix):
            raw: Any = matrix.raw
            kind = (matrix.encoding, str(matrix.row_length), str(matrix.transposed))
        else:
            raw, kind = matrix, (repr(matrix.dtype),)
        content = bytes_of(np.ascontiguousarray(raw))
        parts = (content[first : first + HASHED_BYTES] for first in range(0, len(content), HASHED_BYTES))
        digest = blake2b(digest_size=32)
        for one in self._threads.map(digest_of, parts):
            digest.update(one)
        return repr((raw.shape, *kind, digest.hexdigest()))


def digest_of(part: memoryview) -> bytes:
    """The digest of a part."""
    return blake2b(part, digest_size=32).digest()
