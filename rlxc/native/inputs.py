"""The inputs of a native function, checked on each call; what depends on the signature alone is found once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from rlxc.diagnostics import RlxcError
from rlxc.native.abi import MemRef, array_argument, scalar_argument
from rlxc.native.signature import ArrayType, Input

Value: TypeAlias = "NDArray[Any] | np.generic | int | float"

Axis: TypeAlias = tuple[int, int]
"""The number of an input, and of one of its axes."""


class Inputs:
    """The inputs of a function, in order."""

    def __init__(self, inputs: Sequence[Input]):
        self._inputs = inputs
        self._equal_sizes = tuple(equal_sizes(inputs))
        arrays = [number for number, one in enumerate(inputs) if isinstance(one.type, ArrayType)]
        self._apart = arrays if any(one.donated for one in inputs) else []

    def arguments(self, values: Sequence[Value]) -> list[Any]:
        """The checked arguments: a `MemRef` or a C number for each value."""
        require_count("inputs", len(self._inputs), len(values))
        arguments = [argument(one, value) for one, value in zip(self._inputs, values, strict=True)]
        self._require_equal_sizes(arguments)
        self._require_apart(arguments)
        return arguments

    def _require_equal_sizes(self, arguments: Sequence[Any]) -> None:
        """Raise if a size that several inputs name is not the same in all of them."""
        for name, (first, axis), (second, other_axis) in self._equal_sizes:
            size, other = arguments[first].array.shape[axis], arguments[second].array.shape[other_axis]
            if size != other:
                where = self._inputs[first].name, self._inputs[second].name
                raise RlxcError(f"'{name}' is {size} in '{where[0]}' but {other} in '{where[1]}'")

    def _require_apart(self, arguments: Sequence[Any]) -> None:
        """Raise if an array that is written to overlaps another one, which would change while it is needed."""
        for number, other in overlaps([(number, arguments[number]) for number in self._apart]):
            pair = sorted((number, other), key=lambda place: (not self._inputs[place].donated, place))
            written, read = (self._inputs[place] for place in pair)
            if written.donated:
                raise RlxcError(
                    f"'{written.name}' is written to: it must not share memory with '{read.name}'",
                    hint=f"pass a copy as '{written.name}'",
                )


def argument(one: Input, value: Value) -> Any:
    """The checked argument: a `MemRef` or a C number."""
    if isinstance(one.type, ArrayType):
        return array_argument(one.name, one.type, value, donated=one.donated)
    return scalar_argument(one.name, one.type, value)


def equal_sizes(inputs: Sequence[Input]) -> Iterator[tuple[str, Axis, Axis]]:
    """The names of sizes that stand at several axes: the first of them, and each other."""
    first: dict[str, Axis] = {}
    for number, one in enumerate(inputs):
        for axis, size in enumerate(one.type.shape if isinstance(one.type, ArrayType) else ()):
            if not isinstance(size, str) or not size:
                continue
            if size in first:
                yield size, first[size], (number, axis)
            first.setdefault(size, (number, axis))


def overlaps(arrays: Iterable[tuple[int, MemRef]]) -> Iterator[tuple[int, int]]:
    """The numbers of contiguous arrays that share memory, in pairs. Sorted by address, few have to be compared."""
    places = sorted((one.descriptor[0], number, size) for number, one in arrays if (size := one.array.nbytes))
    before: list[tuple[int, int]] = []
    for start, number, size in places:
        before = [(end, other) for end, other in before if end > start]
        yield from ((other, number) for _, other in before)
        before.append((start + size, number))


def require_count(what: str, expected: int, found: int) -> None:
    """Raise unless the right number of arguments is given."""
    if expected != found:
        raise RlxcError(f"expected {expected} {what}, got {found}")
