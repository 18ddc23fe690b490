"""`rlxc cache`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rlxc.native.object_cache import VARIABLE, ObjectCache

Rlxc = Callable[..., tuple[int, str, str]]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ObjectCache:
    """The cache of the command, which is not there yet."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "cache"))
    return ObjectCache(tmp_path / "cache")


def test_show_and_clear(rlxc: Rlxc, cache: ObjectCache) -> None:
    assert rlxc("cache") == (0, f"path     {cache.directory}\nentries  0\nbytes    0\n", "")
    cache.put("key", bytes(68))
    assert rlxc("cache") == (0, f"path     {cache.directory}\nentries  1\nbytes    100\n", "")
    assert rlxc("cache", "--clear") == (0, "removed 1 entries, 100 bytes\n", "")
    assert cache.entries() == []


def test_directory_that_is_not_used(rlxc: Rlxc, cache: ObjectCache) -> None:
    cache.directory.mkdir(mode=0o700)
    cache.directory.chmod(0o777)
    _, out, _ = rlxc("cache")
    assert out.endswith("not used: others may write to it\n")
