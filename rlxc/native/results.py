"""Where the results of a call go: into new memory, or into the array of an input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from rlxc.diagnostics import RlxcError
from rlxc.native.abi import DTYPES
from rlxc.native.signature import Signature

Array: TypeAlias = NDArray[Any]


class Results:
    """The results of a function, in order."""

    def __init__(self, signature: Signature):
        holders = signature.holders
        self._places: list[tuple[np.dtype[Any], tuple[int | str, ...], bool, int, int | None]] = []
        before = 0
        for number, kind in enumerate(signature.results):
            dynamic = len(kind.dynamic_axes)
            self._places.append((DTYPES[kind.element], kind.shape, dynamic > 0, before, holders.get(number)))
            before += dynamic
        self._own = tuple(number for number in range(len(self._places)) if number not in holders)

    def places(self, arrays: Sequence[Any], sizes: Sequence[int]) -> list[Array]:
        """The array of each result: that of the input that holds it, one of `arrays`, or a new one.

        `sizes` begins with those that are known at run time only, of all results.
        """
        return [
            arrays[holder]
            if holder is not None
            else allocated(dtype, known(shape, sizes, before) if is_dynamic else shape)
            for dtype, shape, is_dynamic, before, holder in self._places
        ]

    def own(self, places: Sequence[Array]) -> tuple[Array, ...]:
        """Those of the places that no input holds."""
        return tuple([places[number] for number in self._own])


def allocated(dtype: np.dtype[Any], shape: Sequence[Any]) -> Array:
    """An array for one result."""
    try:
        return np.empty(shape, dtype)
    except (MemoryError, ValueError) as error:
        raise RlxcError(f"cannot allocate a result of shape {list(shape)}: {error}") from error


def known(shape: Sequence[int | str], sizes: Sequence[int], before: int) -> list[int]:
    """A shape with its sizes that are known at run time only; there are so many `before` them."""
    dynamic = iter(sizes[before:])
    return [next(dynamic) if isinstance(size, str) else size for size in shape]
