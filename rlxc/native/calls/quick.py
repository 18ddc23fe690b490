"""Calls whose inputs are just as expected, which most are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from rlxc.native.abi import DTYPES
from rlxc.native.arenas import Arenas
from rlxc.native.calls.frame import Frame
from rlxc.native.calls.reader import Read
from rlxc.native.entry import Entry
from rlxc.native.prepare import Prepare
from rlxc.native.results import Results
from rlxc.native.signature import ScalarType, Signature
from rlxc.native.threads.entry import field_name

Array: TypeAlias = NDArray[Any]


class QuickCalls:
    """Calls of a threaded function with the same parameters and number of threads.

    Each has a frame for itself; there are as many as there were calls at the same time.
    """

    def __init__(
        self,
        signature: Signature,
        parameters: Sequence[int],
        num_threads: int,
        read: Read,
        prepare: Prepare,
        results: Results,
        enter: Entry,
        arenas: Arenas,
    ):
        self._make: Callable[[], Frame] = lambda: Frame(signature, parameters, num_threads, prepare.memory())
        self._frames: list[Frame] = []
        self._read, self._prepare, self._results = read, prepare, results
        self._enter, self._arenas, self._num_threads = enter, arenas, num_threads
        self._count, self._has_arena = len(signature.inputs), signature.arena
        self._numbers = tuple(whole_numbers(signature))

    def __call__(self, inputs: tuple[Any, ...]) -> tuple[Array, ...] | None:
        """The results for `inputs`; nothing if one of these has to be looked at more closely.

        Raises RlxcError where a check of the function itself fails.
        """
        try:
            frame = self._frames.pop()
        except IndexError:
            frame = self._make()
        try:
            return self._call(frame, inputs) if self._accepts(frame, inputs) else None
        finally:
            self._frames.append(frame)

    def _accepts(self, frame: Frame, inputs: tuple[Any, ...]) -> bool:
        """Describe the inputs; whether all are as expected, and need no conversion."""
        if len(inputs) != self._count or self._read(frame.inputs.address, inputs) != 0:
            return False
        for place, name, low, high in self._numbers:
            value = inputs[place]
            if type(value) is not int or not low <= value <= high:
                return False
            frame.passed[place] = value
            setattr(frame.arguments, name, value)
        return True

    def _call(self, frame: Frame, inputs: tuple[Any, ...]) -> tuple[Array, ...]:
        sizes = self._prepare(frame.passed, frame.returned)
        places = self._results.places(inputs, sizes)
        own = self._results.own(places)
        self._read(frame.results.address, own)
        if self._has_arena:
            arena = self._arenas.take(sizes[-1])
            setattr(frame.arguments, frame.arena_field, arena.pointer)
            self._enter.all_threads(frame.address, self._num_threads)
            self._arenas.give_back(arena)
        else:
            self._enter.all_threads(frame.address, self._num_threads)
        return tuple(places)


def whole_numbers(signature: Signature) -> Iterator[tuple[int, str, int, int]]:
    """Of each number among the inputs its place, its name among the arguments, and its limits.

    Of other numbers than whole ones there is none within the limits.
    """
    for place, one in enumerate(signature.inputs):
        if isinstance(one.type, ScalarType):
            dtype = DTYPES[one.type.element]
            low, high = (np.iinfo(dtype).min, np.iinfo(dtype).max) if dtype.kind == "i" else (1, 0)
            yield place, field_name(place), low, high
