"""What the tests of compiled functions share."""

from __future__ import annotations

import pytest

from rlxc.native.abi import MemRef
from rlxc.native.arenas import Arenas


@pytest.fixture
def used_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Temporaries lie in memory that is full of NaNs."""
    take = Arenas.take

    def take_used(arenas: Arenas, size: int) -> MemRef:
        arena = take(arenas, size)
        arena.array.fill(-1)
        return arena

    monkeypatch.setattr(Arenas, "take", take_used)
