"""The arrays that printed NumPy code may overwrite, checked as native code checks them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.lib.array_utils import byte_bounds
from xdsl.dialects.func import FuncOp

from rlxc.diagnostics import RlxcError
from rlxc.passes.arguments import is_donated
from rlxc.passes.lowering.functions import is_load_time
from rlxc.runtime.arguments import Value


class DonatedInputs:
    """The inputs of a function by name, and which of them are donated."""

    def __init__(self, function: FuncOp, names: Sequence[str]):
        inputs = [argument for argument in function.args if not is_load_time(argument)]
        self._names = names
        self._donated = [number for number, argument in enumerate(inputs) if is_donated(argument)]

    def check(self, values: Sequence[Value]) -> None:
        """Raise RlxcError unless what is written to can be, and shares no memory with another input."""
        for number in self._donated:
            array = values[number]
            assert isinstance(array, np.ndarray)
            if not (array.flags.c_contiguous and array.flags.writeable):
                raise RlxcError(f"'{self._names[number]}' is written to: it must be a contiguous, writeable array")
        if not self._donated:
            return
        for number, other in overlaps(values):
            written, read = sorted((number, other), key=lambda one: (one not in self._donated, one))
            if written in self._donated:
                raise RlxcError(
                    f"'{self._names[written]}' is written to: it must not share memory with '{self._names[read]}'",
                    hint=f"pass a copy as '{self._names[written]}'",
                )


def overlaps(values: Sequence[Value]) -> Iterator[tuple[int, int]]:
    """The numbers of arrays that lie in the same memory, in pairs. Sorted by address, few have to be compared."""
    arrays = [(number, value) for number, value in enumerate(values) if isinstance(value, np.ndarray) and value.size]
    places = sorted((*byte_bounds(array), number) for number, array in arrays)
    before: list[tuple[int, int]] = []
    for start, end, number in places:
        before = [(other_end, other) for other_end, other in before if other_end > start]
        yield from ((other, number) for _, other in before)
        before.append((end, number))
