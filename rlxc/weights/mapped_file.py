"""A file mapped into memory, read-only."""

from __future__ import annotations

import mmap
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray


class MappedFile:
    """The bytes of a file, which the system reads when they are touched, and may forget when memory is short.

    `data` is all of it. Raises OSError, or ValueError if the file is empty.
    """

    def __init__(self, path: Path):
        with path.open("rb") as stream:
            self.data = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)

    def view(self, dtype: DTypeLike, shape: tuple[int, ...], offset: int) -> NDArray[Any]:
        """The array of that type and shape at `offset`."""
        count = int(np.prod(shape, dtype=np.int64))
        return np.frombuffer(self.data, dtype, count, offset).reshape(shape) if count else np.empty(shape, dtype)

    def release(self, offset: int, size: int) -> None:
        """Take pages out of the memory of this process. The cache of the system still has them: they come back."""
        if hasattr(mmap, "MADV_DONTNEED") and size:
            start = offset // mmap.PAGESIZE * mmap.PAGESIZE
            self.data.madvise(mmap.MADV_DONTNEED, start, offset + size - start)
