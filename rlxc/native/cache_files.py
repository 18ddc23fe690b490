"""Files of a cache directory: who may use it, how it stays within its limit, and how files are written."""

from __future__ import annotations

import os
import secrets
import shutil
import stat
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

ABANDONED = 3600.0
"""Seconds after which a temporary file belongs to a process that was killed."""


@dataclass(frozen=True)
class CacheFiles:
    """The entries of one kind in a directory of this user. Several processes may use it at the same time.

    Beyond `limit` bytes, what was not used for the longest time is removed.
    """

    directory: Path
    limit: int
    suffix: ClassVar[str]
    """How the names of this kind of entries end."""

    def write(self, key: str, parts: Iterable[bytes | memoryview], size: int) -> bool:
        """Write an entry of `size` bytes, all of it or nothing; whether that was possible."""
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            # A disk that others need is not filled to the last byte.
            if self.problem() is not None or size > min(self.limit, shutil.disk_usage(self.directory).free // 2):
                return False
            self._make_room(size)
            replace_file(self._path(key), parts)
        except OSError:
            return False
        return True

    def used(self, key: str) -> None:
        """Tell that an entry has been of use."""
        with suppress(OSError):  # The file may be read-only, or gone.
            os.utime(self._path(key))

    def entries(self) -> list[Path]:
        """The files of the cache."""
        try:
            return sorted(self.directory.glob(f"*{self.suffix}"))
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
        return self.directory / f"{key}{self.suffix}"

    def _temporary(self) -> list[Path]:
        return list(self.directory.glob(f".*{self.suffix}.*.tmp"))

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


def replace_file(path: Path, parts: Iterable[bytes | memoryview]) -> None:
    """Write a file that takes the name when it is complete. Raises OSError."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        with temporary.open("xb") as stream:
            stream.writelines(parts)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def with_status(paths: Iterable[Path]) -> Iterator[tuple[Path, os.stat_result]]:
    """The files that are still there, with their sizes and times."""
    for path in paths:
        with suppress(OSError):
            yield path, path.stat()
