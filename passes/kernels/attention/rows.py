"""Rows of memory, vector by vector."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from xdsl.ir import SSAValue

from rlxc.passes.kernels.vectors import (
    Vector,
    each,
    filled,
    first_lanes,
    load,
    masked_load,
    masked_store,
    store,
)
from rlxc.passes.lowering.scalars import Size


@dataclass(frozen=True)
class Place:
    """Elements `column : column + lanes` of a row, without those where the mask is false."""

    column: Size
    lanes: int
    mask: SSAValue | None = None

    def moved(self, columns: int) -> Place:
        """The place so many columns later."""
        return replace(self, column=self.column + columns)


@dataclass(frozen=True)
class Row:
    """A part of a row of an array: `memory[*leading, first:]`."""

    memory: SSAValue
    leading: tuple[Size, ...] = ()
    first: Size = 0

    def load(self, place: Place) -> Vector:
        """The elements at a place, zero where they are left out."""
        indices = [*self.leading, self.first + place.column]
        if place.mask is None:
            return load(self.memory, indices, place.lanes)
        return masked_load(self.memory, indices, place.mask, place.lanes)

    def store(self, x: Vector, place: Place) -> None:
        """Write the elements at a place."""
        indices = [*self.leading, self.first + place.column]
        if place.mask is None:
            store(x, self.memory, indices)
        else:
            masked_store(x, self.memory, indices, place.mask)

    def clear(self, width: int, lanes: int) -> None:
        """Write zeros to so many elements, which are whole vectors."""
        each(0, width, lanes, lambda column: self.store(filled(0.0, lanes), Place(column, lanes)))


def for_places(first: int, end: int, lanes: int, body: Callable[[Place], None]) -> None:
    """Call `body` for the vectors of columns `first : end`; the last may be cut off."""
    whole = first + (end - first) // lanes * lanes
    if first < whole:
        each(first, whole, lanes, lambda column: body(Place(column, lanes)))
    if whole < end:
        body(Place(whole, lanes, first_lanes(end - whole, lanes)))
