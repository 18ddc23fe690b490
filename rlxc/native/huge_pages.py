"""Memory in huge pages, where the system has them: reading it misses the TLB far less often."""

from __future__ import annotations

import math
import mmap
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rlxc.diagnostics import RlxcError
from rlxc.native.signature import ARENA_ALIGNMENT

HUGE_PAGE = 2 * 1024 * 1024
PAGE = 4096


def zeros(shape: tuple[int, ...], dtype: np.dtype[Any], purpose: str) -> NDArray[Any]:
    """An array of zeros, aligned as native code expects it, and to a huge page if it fills one.

    `purpose` is for the error: what there is no memory for.
    """
    size = math.prod(shape) * dtype.itemsize
    alignment = HUGE_PAGE if size >= HUGE_PAGE else ARENA_ALIGNMENT
    try:
        memory = mapped(size + alignment) if size >= HUGE_PAGE else np.zeros(size + alignment, np.uint8)
    except (OSError, MemoryError, OverflowError, ValueError) as error:
        raise RlxcError(f"cannot allocate {size} bytes for {purpose}: {error}") from error
    start = -memory.ctypes.data % alignment
    return memory[start : start + size].view(dtype).reshape(shape)


class Room:
    """Memory for several arrays that are needed as long as each other, one behind the other.

    An array for itself leaves the rest of its last huge page empty, 1 MB on average: a fifth of the weights of a small
    model. `sizes` are the bytes of the arrays.
    """

    def __init__(self, sizes: Iterable[int], purpose: str):
        self._memory = zeros((sum(map(aligned, sizes)),), np.dtype(np.uint8), purpose)
        self._used = 0

    def take(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
        """The next array, of zeros."""
        start, size = self._used, math.prod(shape) * dtype.itemsize
        self._used += aligned(size)
        return self._memory[start : start + size].view(dtype).reshape(shape)


def aligned(size: int) -> int:
    """The bytes from the start of an array of `size` bytes to that of the next one."""
    return -(-size // PAGE) * PAGE


def mapped(size: int) -> NDArray[np.uint8]:
    """Fresh memory of this process alone; the operating system is asked for huge pages."""
    memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    advice: int | None = getattr(mmap, "MADV_HUGEPAGE", None)
    if advice is not None:
        with suppress(OSError):  # A kernel may be built without them.
            memory.madvise(advice)
    return np.frombuffer(memory, np.uint8)
