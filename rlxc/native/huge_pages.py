"""Memory in huge pages, where the system has them: reading it misses the TLB far less often."""

from __future__ import annotations

import ctypes
import math
import mmap
import sys
from collections.abc import Iterable
from concurrent.futures import Executor
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rlxc.diagnostics import RlxcError
from rlxc.native.signature import ARENA_ALIGNMENT

HUGE_PAGE = 2 * 1024 * 1024
PAGE = 4096
PART = 8 * HUGE_PAGE
"""What one thread populates at once."""

MADV_POPULATE_WRITE = 23
"""Of Linux; other kernels refuse it."""


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

    def populate(self, threads: Executor) -> None:
        """Let the operating system provide all of the memory now, which takes it as long as filling it does.

        Python code runs meanwhile: threads that pack, which call NumPy again and again, compete with that.
        """
        parts = (self._memory[first : first + PART] for first in range(0, self._memory.nbytes, PART))
        for _ in threads.map(populate, parts):
            pass

    def take(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
        """The next array, of zeros."""
        start, size = self._used, math.prod(shape) * dtype.itemsize
        self._used += aligned(size)
        return self._memory[start : start + size].view(dtype).reshape(shape)


def aligned(size: int) -> int:
    """The bytes from the start of an array of `size` bytes to that of the next one."""
    return -(-size // PAGE) * PAGE


def populate(memory: NDArray[np.uint8]) -> None:
    """Have memory provided before it is used, where the system can do that (Linux 5.14)."""
    if sys.platform == "linux" and memory.nbytes:
        start = memory.ctypes.data // PAGE * PAGE
        end = memory.ctypes.data + memory.nbytes
        ctypes.CDLL(None).madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), MADV_POPULATE_WRITE)


def mapped(size: int) -> NDArray[np.uint8]:
    """Fresh memory of this process alone; the operating system is asked for huge pages."""
    memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    advice: int | None = getattr(mmap, "MADV_HUGEPAGE", None)
    if advice is not None:
        with suppress(OSError):  # A kernel may be built without them.
            memory.madvise(advice)
    return np.frombuffer(memory, np.uint8)
