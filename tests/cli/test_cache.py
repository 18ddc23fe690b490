"""`rlxc cache`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from rlxc.native.object_cache import VARIABLE, ObjectCache
from rlxc.native.pack_cache import PackCache

Rlxc = Callable[..., tuple[int, str, str]]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ObjectCache:
    """The cache of the command, which is not there yet."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "cache"))
    return ObjectCache(tmp_path / "cache")


def test_show_and_clear(rlxc: Rlxc, cache: ObjectCache) -> None:
    path, weights = f"path     {cache.directory}\n", PackCache(cache.directory, 10**6)
    assert rlxc("cache") == (0, f"{path}code     0 entries, 0 bytes\nweights  0 entries, 0 bytes\n", "")
    cache.put("key", bytes(68))
    for key in ("a", "b"):
        weights.put(key, np.zeros(17, np.float32))
    assert rlxc("cache") == (0, f"{path}code     1 entries, 100 bytes\nweights  2 entries, 200 bytes\n", "")
    removed = "code     removed 1 entries, 100 bytes\nweights  removed 2 entries, 200 bytes\n"
    assert rlxc("cache", "--clear") == (0, removed, "")
    assert list(cache.directory.iterdir()) == []


def test_directory_that_is_not_used(rlxc: Rlxc, cache: ObjectCache) -> None:
    cache.directory.mkdir(mode=0o700)
    cache.directory.chmod(0o777)
    _, out, _ = rlxc("cache")
    assert out.endswith("not used: others may write to it\n")
