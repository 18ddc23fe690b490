"""Object code on disk, from run to run.

Nothing that happens to the files can do harm: what cannot be read, or is not what was written, is
compiled again; what cannot be written is not kept.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from rlxc.native.cache_files import CacheFiles

VARIABLE = "RLXC_CACHE_DIR"

LIMIT = 256 * 1024 * 1024
"""The bytes that are kept."""

DIGEST_BYTES = 32


def cache_directory() -> Path | None:
    """`$RLXC_CACHE_DIR`, or `rlxc` in `$XDG_CACHE_HOME`, or `~/.cache/rlxc`; None if the user has no home."""
    if chosen := os.environ.get(VARIABLE):
        return Path(chosen).absolute()
    shared = os.environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(shared):
        return Path(shared, "rlxc")
    try:
        return Path.home() / ".cache" / "rlxc"
    except RuntimeError:
        return None


def key_of(parts: Iterable[str]) -> str:
    """The key of what is made from `parts`, which decide it completely."""
    digest = blake2b(digest_size=DIGEST_BYTES)
    for part in parts:
        data = part.encode()
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()


@dataclass(frozen=True)
class ObjectCache(CacheFiles):
    """Object code by key."""

    limit: int = LIMIT
    suffix = ".object"

    def get(self, key: str) -> bytes | None:
        """The object code that was kept for `key`, if it is there and undamaged."""
        if self.problem() is not None:
            return None
        try:
            data = self._path(key).read_bytes()
        except OSError:
            return None
        digest, content = data[:DIGEST_BYTES], data[DIGEST_BYTES:]
        if digest != digest_of(content):
            return None
        self.used(key)
        return content

    def put(self, key: str, content: bytes) -> None:
        """Keep object code for `key`, if that is possible."""
        self.write(key, (digest_of(content), content), DIGEST_BYTES + len(content))


def digest_of(content: bytes) -> bytes:
    """What stands before the content of an entry."""
    return blake2b(content, digest_size=DIGEST_BYTES).digest()


def default_cache() -> ObjectCache | None:
    """The cache of this user."""
    directory = cache_directory()
    return None if directory is None else ObjectCache(directory)


def kept(parts: Iterable[str]) -> bytes | None:
    """What the cache of this user has for `parts`."""
    cache = default_cache()
    return None if cache is None else cache.get(key_of(parts))


def keep(parts: Iterable[str], made: bytes) -> None:
    """Keep what was made of `parts`, which decide it completely, in the cache of this user."""
    if (cache := default_cache()) is not None:
        cache.put(key_of(parts), made)


def cached(parts: Sequence[str], make: Callable[[], bytes]) -> bytes:
    """What `make` makes of `parts`, which decide it completely; from the cache of this user if it is there."""
    if (found := kept(parts)) is not None:
        return found
    made = make()
    keep(parts, made)
    return made
