"""Queries and keys as they enter the products: multiplied, then rotated by their position."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from xdsl.ir import SSAValue

from rlxc.dialects.rlx.attributes import RopeStyle
from rlxc.passes.kernels.attention.rows import Place, Row, for_places
from rlxc.passes.kernels.attention.spec import AttentionSpec
from rlxc.passes.kernels.vectors import Vector, constants, each, shuffled
from rlxc.passes.lowering.scalars import Scalar, Size

Weigh: TypeAlias = Callable[[Vector, Place], Vector]
"""The elements at a place of a row, multiplied by something."""


@dataclass(frozen=True)
class Rotation:
    """The row of both tables for one position."""

    cos: Row
    sin: Row


def unchanged(x: Vector, _: Place) -> Vector:
    """Multiplied by 1."""
    return x


def copy_row(source: Row, destination: Row, columns: range, lanes: int, weigh: Weigh = unchanged) -> None:
    """`destination[d] = weigh(source[d])`."""

    def copy(place: Place) -> None:
        destination.store(weigh(source.load(place), place), place)

    for_places(columns.start, columns.stop, lanes, copy)


@dataclass(frozen=True)
class RowPreparation:
    """How a row of one head is copied."""

    spec: AttentionSpec
    lanes: int
    weigh: Weigh

    def copy(self, source: Row, destination: Row, rotation: Rotation | None) -> None:
        """Copy a row; its first `n_rot` components are rotated."""
        n_rot = 0
        if rotation is not None:
            assert self.spec.n_rot is not None
            n_rot = self.spec.n_rot
            rotate = self._rotate_halves if self.spec.rope_style == RopeStyle.HALF else self._rotate_neighbours
            rotate(source, destination, rotation, n_rot)
        copy_row(source, destination, range(n_rot, self.spec.head_dim), self.lanes, self.weigh)

    def _rotate_halves(self, source: Row, destination: Row, rotation: Rotation, n_rot: int) -> None:
        def rotate(place: Place) -> None:
            self._rotate(source, destination, (place, place.moved(n_rot // 2)), rotation, place)

        for_places(0, n_rot // 2, self.lanes, rotate)

    def _rotate_neighbours(self, source: Row, destination: Row, rotation: Rotation, n_rot: int) -> None:
        whole = n_rot // self.lanes * self.lanes if self.lanes > 1 else 0

        def rotate_vector(column: Scalar) -> None:
            place = Place(column, self.lanes)
            x = self.weigh(source.load(place), place)
            destination.store(rotated_pairs(x, rotation, column // 2), place)

        def rotate_pair(place: Place) -> None:
            first = Place(place.column * 2, 1)
            self._rotate(source, destination, (first, first.moved(1)), rotation, place)

        if whole:
            each(0, whole, self.lanes, rotate_vector)
        for_places(whole // 2, n_rot // 2, 1, rotate_pair)

    def _rotate(
        self, source: Row, destination: Row, pair: tuple[Place, Place], rotation: Rotation, angle: Place
    ) -> None:
        """`a, b = a cos - b sin, b cos + a sin`."""
        a, b = (self.weigh(source.load(place), place) for place in pair)
        cos, sin = rotation.cos.load(angle), rotation.sin.load(angle)
        destination.store(a * cos - b * sin, pair[0])
        destination.store(b * cos + a * sin, pair[1])


def rotated_pairs(x: Vector, rotation: Rotation, angle: Size) -> Vector:
    """`(a cos - b sin, b cos + a sin)` for each pair `(a, b)` of a vector; the first has the number `angle`."""
    lanes = range(x.lanes)
    cos, sin = (
        shuffled(table.load(Place(angle, x.lanes // 2)), [lane // 2 for lane in lanes])
        for table in (rotation.cos, rotation.sin)
    )
    partners = shuffled(x, [lane ^ 1 for lane in lanes])
    signs = constants([-1.0 if lane % 2 == 0 else 1.0 for lane in lanes], x.lanes)
    return x * cos + partners * (sin * signs)


def query_preparation(spec: AttentionSpec, lanes: int) -> RowPreparation:
    """Queries are multiplied by what every score is multiplied by."""
    return RowPreparation(spec, lanes, lambda x, _: x * spec.query_factor)


def key_preparation(spec: AttentionSpec, lanes: int, gain: SSAValue | None) -> RowPreparation:
    """Keys are multiplied by the gain, if there is one."""
    if gain is None:
        return RowPreparation(spec, lanes, unchanged)
    return RowPreparation(spec, lanes, lambda x, place: x * Row(gain).load(place))
