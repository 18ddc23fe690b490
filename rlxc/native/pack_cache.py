"""Packed weights on disk, for those that take longer to decode than to read.

As with object code, nothing that happens to the files can do harm.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rlxc.diagnostics import RlxcError
from rlxc.native.cache_files import CacheFiles
from rlxc.native.object_cache import cache_directory

VARIABLE = "RLXC_PACK_CACHE_GB"
DEFAULT_GIGABYTES = 4.0

PART_BYTES = 4 * 1024 * 1024
"""What one thread reads at once."""

SUMMED_WORDS = 8192
"""So many words of 8 bytes have one sum. That is as fast as memory; a digest would take longer than reading."""

DIGEST_BYTES = 32


@dataclass(frozen=True)
class PackCache(CacheFiles):
    """Packed arrays by key: their bytes, and after them a digest of key and checksums."""

    suffix = ".panels"

    def get(self, key: str, target: NDArray[Any], threads: Executor) -> bool:
        """Fill `target`, C-contiguous and zero, with what was kept for `key`.

        Whether there was something sound; if not, the target is zero again.
        """
        try:
            if self.problem() is not None or self._path(key).stat().st_size != target.nbytes + DIGEST_BYTES:
                return False
            if self._read(key, target, threads):
                self.used(key)
                return True
        except OSError:
            pass
        target.fill(0)
        return False

    def put(self, key: str, packed: NDArray[Any]) -> bool:
        """Keep a C-contiguous array for `key`; whether that was possible."""
        content = bytes_of(packed)
        digest = digest_of(key, map(checksum, (content[part] for part in parts(len(content)))))
        return self.write(key, (content, digest), packed.nbytes + DIGEST_BYTES)

    def _read(self, key: str, target: NDArray[Any], threads: Executor) -> bool:
        """Fill the target; whether that is what was written."""
        path, content = self._path(key), bytes_of(target)
        sums = threads.map(partial(read_part, path, content), parts(len(content)))
        found = digest_of(key, sums)
        with path.open("rb") as stream:
            stream.seek(len(content))
            return stream.read() == found


def bytes_of(array: NDArray[Any]) -> memoryview:
    """The memory of a C-contiguous array."""
    return array.reshape(-1).view(np.uint8).data


def parts(size: int) -> Iterator[slice]:
    """The parts that are read, and have checksums, for themselves."""
    for first in range(0, size, PART_BYTES):
        yield slice(first, min(first + PART_BYTES, size))


def read_part(path: Path, content: memoryview, part: slice) -> bytes:
    """Read a part of the file to its place in `content`; its checksum, empty if it cannot be read.

    It raises nothing: no thread may write to the memory when another has given up.
    """
    try:
        with path.open("rb", buffering=0) as stream:
            stream.seek(part.start)
            whole = stream.readinto(content[part]) == part.stop - part.start
    except OSError:
        return b""
    return checksum(content[part]) if whole else b""


def checksum(content: memoryview) -> bytes:
    """The sums of the words of each block, and the bytes that fill no word."""
    whole = len(content) // 8 * 8
    words = np.frombuffer(content[:whole], "<u8")
    sums = np.add.reduceat(words, np.arange(0, len(words), SUMMED_WORDS)) if whole else words
    return sums.tobytes() + bytes(content[whole:])


def digest_of(key: str, checksums: Iterable[bytes]) -> bytes:
    """What stands after the content of an entry."""
    digest = blake2b(key.encode(), digest_size=DIGEST_BYTES)
    for one in checksums:
        digest.update(one)
    return digest.digest()


def default_pack_cache() -> PackCache | None:
    """The cache of this user; None if there is to be none. Raises RlxcError if the limit is no number."""
    directory, limit = cache_directory(), limit_bytes(os.environ.get(VARIABLE, "").strip())
    return None if directory is None or not limit else PackCache(directory, limit)


def limit_bytes(text: str) -> int:
    """The limit in bytes from one in gigabytes (10^9 bytes)."""
    try:
        gigabytes = float(text or DEFAULT_GIGABYTES)
    except ValueError:
        gigabytes = math.nan
    if not 0 <= gigabytes < 1e9:
        raise RlxcError(f"{VARIABLE} must be a number of gigabytes, got {text!r}", hint="0 keeps no packed weights")
    return int(gigabytes * 1e9)
