"""Memory for weights: aligned, zero, in huge pages."""

from __future__ import annotations

import mmap
import re
from pathlib import Path

import numpy as np
import pytest

from rlxc.diagnostics import RlxcError
from rlxc.native.huge_pages import HUGE_PAGE, Room, zeros


@pytest.mark.parametrize("size", [1, 1000, HUGE_PAGE // 4, HUGE_PAGE + 3])
def test_alignment(size: int) -> None:
    array = zeros((size,), np.dtype(np.float32), "weights")
    assert array.shape == (size,)
    assert array.ctypes.data % (HUGE_PAGE if 4 * size >= HUGE_PAGE else 64) == 0
    assert not array.any()
    array[:] = 1
    assert array.sum() == size


def test_the_system_is_asked_for_huge_pages() -> None:
    array = zeros((HUGE_PAGE,), np.dtype(np.uint8), "weights")
    maps = re.split(r"\n(?=[0-9a-f]+-)", Path("/proc/self/smaps").read_text())
    area = next(area for area in maps if holds(area, array.ctypes.data))
    assert re.search(r"VmFlags:.*\bhg\b", area)


def holds(area: str, address: int) -> bool:
    """Whether a part of /proc/self/smaps is about an address."""
    start, end = (int(text, 16) for text in area.split(maxsplit=1)[0].split("-"))
    return start <= address < end


def test_arrays_in_one_room() -> None:
    """No two share memory; there is a page of waste for each, not a huge page."""
    sizes = [3, 5000, 0, 2 * HUGE_PAGE + 1]
    room = Room((4 * size for size in sizes), "weights")
    arrays = [room.take((size,), np.dtype(np.float32)) for size in sizes]
    for number, array in enumerate(arrays):
        array[:] = number
    assert [set(array.tolist()) for array in arrays] == [{0}, {1}, set(), {3}]
    assert all(array.ctypes.data % 64 == 0 for array in arrays)
    first, last = arrays[0].ctypes.data, arrays[-1].ctypes.data + arrays[-1].nbytes
    assert last - first < 4 * sum(sizes) + len(sizes) * 4096


def test_without_huge_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mmap, "MADV_HUGEPAGE", -1)
    assert not zeros((HUGE_PAGE,), np.dtype(np.uint8), "weights").any()
    monkeypatch.delattr(mmap, "MADV_HUGEPAGE")
    assert not zeros((HUGE_PAGE,), np.dtype(np.uint8), "weights").any()


def test_memory_that_is_not_there() -> None:
    with pytest.raises(RlxcError, match="cannot allocate 4611686018427387904 bytes for weights"):
        zeros((2**60,), np.dtype(np.float32), "weights")
