"""The native reader of arrays: what it describes, and what it leaves to others."""

from __future__ import annotations

import ctypes
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlxc.native.abi import DTYPES, MemRef
from rlxc.native.calls.plan import Expected, ReadingPlan
from rlxc.native.calls.reader import Read, reader
from rlxc.native.signature import ArrayType
from rlxc.native.threads import team_library

X = ArrayType("f32", ("B", 4))


@pytest.fixture(scope="module")
def read() -> Read:
    found = reader(team_library())
    assert found is not None
    return found


def fits(read: Read, plan: ReadingPlan, *values: object) -> bool:
    return read(plan.address, values) == 0


@pytest.mark.parametrize("element", DTYPES)
@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (4, 1, 2), (2, 3, 4, 5)])
def test_descriptors_are_those_of_python(read: Read, element: str, shape: tuple[int, ...]) -> None:
    array = np.zeros(shape, DTYPES[element])
    plan = ReadingPlan([Expected(1, ArrayType(element, shape))])
    assert fits(read, plan, "other", array)
    words = (ctypes.c_int64 * (3 + 2 * len(shape))).from_address(plan.pointers[0])
    assert list(words) == list(MemRef(array).descriptor)


OTHERS: dict[str, Any] = {
    "no array": [[0.0] * 4],
    "nothing": None,
    "subclass": np.zeros((1, 4), np.float32).view(np.matrix),
    "element type": np.zeros((1, 4)),
    "byte order": np.zeros((1, 4), ">f4"),
    "rank": np.zeros((1, 1, 4), np.float32),
    "no axes": np.zeros((), np.float32),
    "size": np.zeros((1, 5), np.float32),
    "strides": np.zeros((2, 8), np.float32)[:, ::2],
    "columns first": np.zeros((2, 4), np.float32, order="F"),
    "alignment": np.zeros(33, np.int8)[1:].view(np.float32).reshape(2, 4),
}


@pytest.mark.parametrize("case", OTHERS)
def test_what_is_not_as_expected(read: Read, case: str) -> None:
    plan = ReadingPlan([Expected(0, X)])
    assert fits(read, plan, np.zeros((1, 4), np.float32))
    assert not fits(read, plan, OTHERS[case])


def test_names_of_sizes_hold_for_one_call(read: Read) -> None:
    plan = ReadingPlan([Expected(0, X), Expected(1, ArrayType("f32", ("", "B")))])
    for size, other in ((2, 2), (3, 3), (0, 0)):
        assert fits(read, plan, np.zeros((size, 4), np.float32), np.zeros((7, other), np.float32))
    assert not fits(read, plan, np.zeros((2, 4), np.float32), np.zeros((7, 3), np.float32))


def test_arrays_that_are_written_to(read: Read) -> None:
    plan = ReadingPlan([Expected(0, X, written=True)])
    array = np.zeros((1, 4), np.float32)
    assert fits(read, plan, array)
    array.setflags(write=False)
    assert not fits(read, plan, array)
    assert fits(read, ReadingPlan([Expected(0, X)]), array)


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 24), st.booleans()), max_size=8))
def test_overlaps_are_those_that_numpy_sees(read: Read, places: list[tuple[int, int, bool]]) -> None:
    memory = np.zeros(64, np.float32)
    arrays = [memory[start : start + size] for start, size, _ in places]
    plan = ReadingPlan([Expected(n, ArrayType("f32", ("",)), one[2]) for n, one in enumerate(places)])
    overlap = any(
        places[one][2] and np.may_share_memory(arrays[one], arrays[two])
        for one, two in permutations(range(len(arrays)), 2)
    )
    assert fits(read, plan, *arrays) is not overlap
