"""The vectors of a tile, of which the last ones of its rows may be cut off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from xdsl.ir import SSAValue

from rlxc.passes.kernels.vectors import Vector, each, first_lanes, load, masked_load, masked_store, store, when
from rlxc.passes.lowering.scalars import Scalar, Size


@dataclass(frozen=True)
class Place:
    """Elements `column : column + lanes` of a row, without those where the mask is false."""

    row: Size
    column: Size
    lanes: int
    mask: SSAValue | None = None

    def load(self, source: SSAValue) -> Vector:
        """The elements of an array."""
        return self._load(source, [self.row, self.column])

    def load_run(self, source: SSAValue) -> Vector:
        """The elements of an array with one axis, the same for each row."""
        return self._load(source, [self.column])

    def store(self, x: Vector, destination: SSAValue) -> None:
        """Write the elements of an array."""
        indices = [self.row, self.column]
        if self.mask is None:
            store(x, destination, indices)
        else:
            masked_store(x, destination, indices, self.mask)

    def _load(self, source: SSAValue, indices: list[Size]) -> Vector:
        if self.mask is None:
            return load(source, indices, self.lanes)
        return masked_load(source, indices, self.mask, self.lanes)


def for_vectors(rows: Scalar, columns: Scalar, lanes: int, body: Callable[[Place], None]) -> None:
    """Call `body` for each vector of a tile; the last of a row may be cut off."""
    whole = columns // lanes * lanes

    def cut_off() -> None:
        mask = first_lanes(columns - whole, lanes)
        each(0, rows, 1, lambda row: body(Place(row, whole, lanes, mask)))

    each(0, rows, 1, lambda row: each(0, whole, lanes, lambda column: body(Place(row, column, lanes))))
    when(columns > whole, cut_off)
