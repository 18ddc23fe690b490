"""Memory in huge pages, where the system has them: reading it misses the TLB far less often."""

from __future__ import annotations

import math
import mmap
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rlxc.diagnostics import RlxcError
from rlxc.native.signature import ARENA_ALIGNMENT

HUGE_PAGE = 2 * 1024 * 1024


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


def mapped(size: int) -> NDArray[np.uint8]:
    """Fresh memory of this process alone; the operating system is asked for huge pages."""
    memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    advice: int | None = getattr(mmap, "MADV_HUGEPAGE", None)
    if advice is not None:
        with suppress(OSError):  # A kernel may be built without them.
            memory.madvise(advice)
    return np.frombuffer(memory, np.uint8)
