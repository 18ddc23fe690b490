"""What the tests of compiled functions share."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import pytest

from rlxc.native.abi import MemRef
from rlxc.native.arenas import Arenas


@pytest.fixture
def used_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Temporaries lie in memory that is full of NaNs."""
    lend = Arenas.lend

    @contextmanager
    def lend_used(arenas: Arenas, size: int) -> Generator[MemRef]:
        with lend(arenas, size) as arena:
            arena.array.fill(-1)
            yield arena

    monkeypatch.setattr(Arenas, "lend", lend_used)
