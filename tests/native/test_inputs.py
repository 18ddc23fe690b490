"""What is found once about the inputs of a native function."""

from __future__ import annotations

from rlxc.native.inputs import equal_sizes, pairs_apart
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


def test_arrays_that_are_written_to_are_apart_from_all_others() -> None:
    assert list(pairs_apart([X, POSITION, KEYS, VALUES])) == [(2, 0), (2, 3), (3, 0)]
    assert not list(pairs_apart([X, X, POSITION]))
