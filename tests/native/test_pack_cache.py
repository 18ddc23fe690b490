"""Packed weights on disk: they come back as they were, or not at all."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from rlxc import RlxcError
from rlxc.native import pack_cache
from rlxc.native.object_cache import VARIABLE as DIRECTORY
from rlxc.native.object_cache import ObjectCache
from rlxc.native.pack_cache import DIGEST_BYTES, VARIABLE, PackCache, default_pack_cache

PACKED = np.random.default_rng(1).standard_normal((5, 300, 12)).astype(np.float32)
LIMIT = 10**6


@pytest.fixture
def cache(tmp_path: Path) -> PackCache:
    return PackCache(tmp_path / "cache", LIMIT)


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several parts, of which the last one is shorter."""
    monkeypatch.setattr(pack_cache, "PART_BYTES", 20_000)


@pytest.fixture
def threads() -> Generator[Executor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


def got(cache: PackCache, threads: Executor, key: str = "key", like: NDArray[Any] = PACKED) -> bool:
    """Whether the cache has the array. If not, the target must be zero."""
    target = np.zeros_like(like)
    found = cache.get(key, target, threads)
    np.testing.assert_array_equal(target, like if found else 0)
    return found


def test_what_was_put_is_got(cache: PackCache, threads: Executor) -> None:
    assert not got(cache, threads)
    assert cache.put("key", PACKED)
    assert got(cache, threads)
    assert not got(cache, threads, "other")
    assert cache.size() == PACKED.nbytes + DIGEST_BYTES
    assert cache.directory.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("size", [1, 3, 8, 20_000, 20_001])
def test_any_number_of_bytes(cache: PackCache, threads: Executor, size: int) -> None:
    content = np.arange(size, dtype=np.uint8) + np.uint8(1)
    assert cache.put("key", content)
    assert got(cache, threads, like=content)


def flipped(position: int) -> Callable[[Path], object]:
    """Change one bit of a file."""

    def flip(path: Path) -> None:
        data = bytearray(path.read_bytes())
        data[position] ^= 1
        path.write_bytes(data)

    return flip


def exchanged(path: Path) -> None:
    """Exchange two parts."""
    data = path.read_bytes()
    path.write_bytes(data[20_000:40_000] + data[:20_000] + data[40_000:])


def replaced_by_directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGES: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "longer": lambda path: path.write_bytes(path.read_bytes() + b"\0"),
    "zeros": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "first bit": flipped(0),
    "a bit in the middle": flipped(33_333),
    "last bit of the content": flipped(-1 - DIGEST_BYTES),
    "digest": flipped(-1),
    "parts exchanged": exchanged,
    "entry of another key": lambda path: shutil.copy(path.with_name("other.panels"), path),
    "gone": lambda path: path.unlink(),
    "a directory": replaced_by_directory,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_entry_is_not_there(cache: PackCache, threads: Executor, damage: str) -> None:
    cache.put("other", PACKED[:, ::-1].copy())
    cache.put("key", PACKED)
    DAMAGES[damage](cache.directory / "key.panels")
    assert not got(cache, threads)
    assert cache.put("key", PACKED) == (damage != "a directory")
    assert got(cache, threads) == (damage != "a directory")


def test_file_that_shrinks_while_it_is_read(
    cache: PackCache, threads: Executor, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.put("key", PACKED)
    path, read = cache.directory / "key.panels", pack_cache.read_part

    def read_shortened(path: Path, content: memoryview, part: slice) -> bytes:
        if part.start == 40_000:
            os.truncate(path, 50_000)
        return read(path, content, part)

    monkeypatch.setattr(pack_cache, "read_part", read_shortened)
    assert not got(cache, threads)
    assert path.stat().st_size == 50_000


def test_oldest_entries_make_room_and_code_stays(tmp_path: Path, threads: Executor) -> None:
    code = ObjectCache(tmp_path)
    code.put("code", b"code")
    cache = PackCache(tmp_path, 3 * (PACKED.nbytes + DIGEST_BYTES))
    for age, key in enumerate("abc"):
        cache.put(key, PACKED)
        os.utime(tmp_path / f"{key}.panels", (age, age))
    assert got(cache, threads, "a"), "which is now the last one used"
    cache.put("d", PACKED)
    assert [got(cache, threads, key) for key in "abcd"] == [True, False, True, True]
    assert not cache.put("large", np.zeros(cache.limit, np.uint8))
    cache.clear()
    assert code.get("code") == b"code"
    assert cache.entries() == []


def test_full_disk(cache: PackCache, threads: Executor) -> None:
    """A file may hold 100 bytes, as on a disk that has no more."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        assert not cache.put("key", PACKED)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not got(cache, threads)
    assert list(cache.directory.iterdir()) == []


@pytest.mark.parametrize(("free", "kept"), [(2 * PACKED.nbytes, False), (3 * PACKED.nbytes, True)])
def test_a_disk_is_not_filled(cache: PackCache, monkeypatch: pytest.MonkeyPatch, free: int, kept: bool) -> None:
    usage = shutil.disk_usage("/")._replace(free=free)

    def disk_usage(_: Path) -> object:
        return usage

    monkeypatch.setattr(shutil, "disk_usage", disk_usage)
    assert cache.put("key", PACKED) == kept


@pytest.mark.parametrize("directory", ["/proc/self/fdinfo", "/proc/rlxc", "/dev/null/rlxc", "/dev/null"])
def test_directory_that_cannot_be_written(directory: str, threads: Executor) -> None:
    cache = PackCache(Path(directory), LIMIT)
    assert not cache.put("key", PACKED)
    assert not got(cache, threads)


def test_directory_that_others_may_write_to(cache: PackCache, threads: Executor) -> None:
    cache.put("key", PACKED)
    cache.directory.chmod(0o777)
    assert not got(cache, threads)
    assert not cache.put("other", PACKED)


WRITER = """
import sys
from pathlib import Path
import numpy as np
from rlxc.native.pack_cache import PackCache
cache = PackCache(Path(sys.argv[1]), 10**8)
packed = np.arange(2_000_000, dtype=np.float32)
print("ready", flush=True)
while True:
    cache.put("key", packed)
"""


def test_writers_that_are_killed_at_any_moment(tmp_path: Path, threads: Executor) -> None:
    """Two at a time; a reader finds all of the content or nothing."""
    cache, content = PackCache(tmp_path / "cache", 10**8), np.arange(2_000_000, dtype=np.float32)
    for number in range(4):
        command = [sys.executable, "-c", WRITER, str(cache.directory)]
        writers = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(2)]
        for writer in writers:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"ready\n"
        end = time.monotonic() + 0.03 + 0.017 * number
        while time.monotonic() < end:
            got(cache, threads, like=content)
        for writer in writers:
            writer.send_signal(signal.SIGKILL)
            writer.communicate()
        got(cache, threads, like=content)
    assert cache.put("key", content)
    assert got(cache, threads, like=content)


@pytest.mark.parametrize(
    ("text", "limit"), [("", 4 * 10**9), ("0.5", 5 * 10**8), (" 2 ", 2 * 10**9), ("1e-10", None), ("0", None)]
)
def test_limit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str, limit: int | None) -> None:
    monkeypatch.setenv(DIRECTORY, str(tmp_path))
    monkeypatch.setenv(VARIABLE, text)
    assert default_pack_cache() == (None if limit is None else PackCache(tmp_path, limit))


@pytest.mark.parametrize("text", ["much", "-1", "nan", "inf", "1 GB"])
def test_limit_that_is_no_number(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv(VARIABLE, text)
    with pytest.raises(RlxcError, match=f"RLXC_PACK_CACHE_GB must be a number of gigabytes, got '{text}'"):
        default_pack_cache()
