"""What is found once about the inputs of a native function."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlxc import RlxcError
from rlxc.native.abi import MemRef
from rlxc.native.inputs import Inputs, equal_sizes, overlaps
from rlxc.native.signature import ArrayType, Input, ScalarType

X = Input("x", ArrayType("f32", ("B", "S", 4)))
KEYS = Input("keys", ArrayType("f32", ("B", "T", "")), donated=True)
VALUES = Input("values", ArrayType("f32", ("B", "T", "")), donated=True)
POSITION = Input("position", ScalarType("index"))


def test_sizes_with_a_name_are_compared_with_the_first_of_that_name() -> None:
    assert list(equal_sizes([X, POSITION, KEYS, VALUES])) == [
        ("B", (0, 0), (2, 0)),
        ("B", (0, 0), (3, 0)),
        ("T", (2, 1), (3, 1)),
    ]


def test_one_array_may_name_a_size_twice() -> None:
    assert list(equal_sizes([Input("mask", ArrayType("i1", ("S", "S")))])) == [("S", (0, 0), (0, 1))]


@pytest.mark.parametrize("size", [0, 1, 3])
def test_inputs_overlap_only_where_none_of_the_two_is_written_to(size: int) -> None:
    inputs = Inputs([X, KEYS, X])
    memory = np.zeros(64, np.float32)
    x, keys = memory[:16].reshape(1, 4, 4), memory[16 : 16 + 4 * size].reshape(1, size, 4)
    inputs.arguments([x, keys, x])
    inputs.arguments([x, memory[15:15].reshape(1, 0, 4), x])
    with pytest.raises(RlxcError, match="'keys' is written to: it must not share memory with 'x'"):
        inputs.arguments([x, memory[15:19].reshape(1, 1, 4), x])


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 24)), max_size=12))
def test_overlaps_are_those_that_numpy_sees(places: list[tuple[int, int]]) -> None:
    memory = np.zeros(64, np.float32)
    arrays = [memory[start : start + size] for start, size in places]
    found = {frozenset(pair) for pair in overlaps((n, MemRef(array)) for n, array in enumerate(arrays))}
    assert found == {
        frozenset((a, b)) for a, b in combinations(range(len(arrays)), 2) if np.may_share_memory(arrays[a], arrays[b])
    }
