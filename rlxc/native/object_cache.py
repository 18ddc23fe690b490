"""Object code on disk, from run to run.

Nothing that happens to the files can do harm: what cannot be read, or is not what was written, is
compiled again; what cannot be written is not kept.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from rlxc.diagnostics import RlxcError, write_atomically

VARIABLE = "RLXC_CACHE_DIR"

LIMIT = 256 * 1024 * 1024
"""The bytes that are kept. Beyond them, what was not used for the longest time is removed."""

SUFFIX = ".object"
DIGEST_BYTES = 32
ABANDONED = 3600.0
"""Seconds after which a temporary file belongs to a process that was killed."""


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
class ObjectCache:
    """The entries of a directory of this user. Several processes may use it at the same time."""

    directory: Path
    limit: int = LIMIT

    def get(self, key: str) -> bytes | None:
        """The object code that was kept for `key`, if it is there and undamaged."""
        if self.problem() is not None:
            return None
        path = self._path(key)
        try:
            data = path.read_bytes()
        except OSError:
            return None
        digest, content = data[:DIGEST_BYTES], data[DIGEST_BYTES:]
        if digest != digest_of(content):
            return None
        with suppress(OSError):  # The time of the last use tells what to keep. The file may be read-only, or gone.
            os.utime(path)
        return content

    def put(self, key: str, content: bytes) -> None:
        """Keep object code for `key`, if that is possible."""
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self.problem() is not None or len(content) > self.limit:
                return
            self._make_room(len(content) + DIGEST_BYTES)
            write_atomically(self._path(key), digest_of(content) + content)
        except (OSError, RlxcError):
            return

    def entries(self) -> list[Path]:
        """The files of the cache."""
        try:
            return sorted(self.directory.glob(f"*{SUFFIX}"))
        except OSError:
            return []

    def size(self) -> int:
        """The bytes of all entries."""
        return sum(status.st_size for _, status in with_status(self.entries()))

    def clear(self) -> None:
        """Remove everything that this cache has written, and nothing else. Raises OSError if that is not possible."""
        for path in (*self.entries(), *self._temporary()):
            path.unlink(missing_ok=True)

    def problem(self) -> str | None:
        """Why the directory cannot be trusted with code that will be run; None if it can, or is not there yet."""
        try:
            status = self.directory.stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            return error.strerror or str(error)
        if not stat.S_ISDIR(status.st_mode):
            return "it is not a directory"
        if status.st_uid != os.getuid():
            return "it belongs to another user"
        if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            return "others may write to it"
        return None

    def _path(self, key: str) -> Path:
        return self.directory / f"{key}{SUFFIX}"

    def _temporary(self) -> list[Path]:
        return list(self.directory.glob(f".*{SUFFIX}.*.tmp"))

    def _make_room(self, size: int) -> None:
        """Remove entries until `size` bytes more are within the limit, and what killed processes have left."""
        now = time.time()
        for path, status in with_status(self._temporary()):
            if now - status.st_mtime > ABANDONED:
                path.unlink(missing_ok=True)
        by_age = sorted(with_status(self.entries()), key=lambda entry: entry[1].st_mtime, reverse=True)
        for path, status in by_age:
            size += status.st_size
            if size > self.limit:
                path.unlink(missing_ok=True)


def digest_of(content: bytes) -> bytes:
    """What stands before the content of an entry."""
    return blake2b(content, digest_size=DIGEST_BYTES).digest()


def with_status(paths: Iterable[Path]) -> Iterator[tuple[Path, os.stat_result]]:
    """The files that are still there, with their sizes and times."""
    for path in paths:
        with suppress(OSError):
            yield path, path.stat()


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
