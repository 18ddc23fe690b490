"""Memory for temporaries, kept from call to call: fresh memory would be cleared by the system each time."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import numpy as np

from rlxc.native.abi import MemRef
from rlxc.native.huge_pages import zeros


class Arenas:
    """The arenas of one function. There are as many as there were calls at the same time."""

    def __init__(self) -> None:
        self._free: list[MemRef] = []

    @contextmanager
    def lend(self, size: int) -> Generator[MemRef]:
        """An arena of `size` bytes or more, with any contents, that nobody else uses."""
        arena = self.take(size)
        try:
            yield arena
        finally:
            self.give_back(arena)

    def take(self, size: int) -> MemRef:
        """The same, until it is given back."""
        try:
            arena = self._free.pop()
        except IndexError:
            arena = None
        if arena is None or arena.array.size < size:
            arena = MemRef(zeros((size,), np.dtype(np.int8), "temporaries"))
        return arena

    def give_back(self, arena: MemRef) -> None:
        """End the use of an arena."""
        self._free.append(arena)
