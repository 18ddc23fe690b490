"""Where the results of a call go: into new memory, or into the array of an input."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
        self._places = [
            (DTYPES[kind.element], kind.shape, bool(kind.dynamic_axes), holders.get(number))
            for number, kind in enumerate(signature.results)
        ]
        self._own = tuple(number for number in range(len(self._places)) if number not in holders)

    def places(self, arrays: Sequence[Any], sizes: Iterator[int]) -> list[Array]:
        """The array of each result: that of the input that holds it, one of `arrays`, or a new one.

        `sizes` are those that are known at run time only, of all results.
        """
        found: list[Array] = []
        for dtype, shape, is_dynamic, holder in self._places:
            known = tuple([next(sizes) if isinstance(size, str) else size for size in shape]) if is_dynamic else shape
            found.append(arrays[holder] if holder is not None else allocated(dtype, known))
        return found

    def own(self, places: Sequence[Array]) -> tuple[Array, ...]:
        """Those of the places that no input holds."""
        return tuple([places[number] for number in self._own])


def allocated(dtype: np.dtype[Any], shape: Sequence[Any]) -> Array:
    """An array for one result."""
    try:
        return np.empty(shape, dtype)
    except (MemoryError, ValueError) as error:
        raise RlxcError(f"cannot allocate a result of shape {list(shape)}: {error}") from error
