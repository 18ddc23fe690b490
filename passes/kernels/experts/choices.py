"""Which rows chose which expert."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from xdsl.ir import SSAValue

from rlxc.passes.kernels.experts.numbers import number_at, put_number
from rlxc.passes.kernels.experts.spec import MoeSpec
from rlxc.passes.kernels.matmul.blocking import ceil_div
from rlxc.passes.kernels.target import KernelTarget
from rlxc.passes.kernels.vectors import Carried, each, element, loop, when
from rlxc.passes.kernels.views import part, run_of_elements
from rlxc.passes.lowering.scalars import Scalar, Size, as_value, differ, maximum, select, truth


@dataclass(frozen=True)
class Expert:
    """An expert and the rows that chose it: choices `first : first + rows` of the list."""

    number: Scalar
    first: Scalar
    rows: Scalar
    tiles: Size
    """How many row tiles these rows fill."""
    first_tile: Scalar
    """The tiles of the experts before."""
    cost: Scalar
    """The time that a panel of its weights takes, in that of one tile."""
    cost_before: Scalar
    """The cost of a panel of each expert before, together."""


class Choices:
    """The rows by the expert that they chose, in order; each thread has a list of its own, and waits for no other.

    Element `e` of the list says how many choices there are of the experts before `e`, which is up to E; behind
    that come the rows themselves.
    """

    def __init__(self, spec: MoeSpec, target: KernelTarget, memory: SSAValue, start: Scalar):
        self._spec, self._target, self._memory, self._start = spec, target, memory, start

    def find(self, gates: SSAValue, rows: Scalar) -> None:
        """Make the list: count the choices of each expert, then put each row behind those that chose the same."""
        each(0, self._spec.experts + 1, 1, lambda place: self._put(0, place))
        self._for_choices(gates, rows, lambda row, expert: self._put(self._at(expert + 1) + 1, expert + 1))
        self._sum_up()
        self._for_choices(gates, rows, self._append)

    def for_experts(self, body: Callable[[Expert], None]) -> Scalar:
        """Call `body` for each expert that a row chose. The cost of one panel of each of them together."""

        def visit(number: Scalar, carried: Carried) -> Carried:
            first, (first_tile, cost_before) = self._at(number), map(Scalar, carried)
            rows = self._at(number + 1) - first
            tiles = ceil_div(rows, self._target.tile_rows)
            # To read a panel takes as long as to multiply two tiles.
            cost = select(truth(rows > 0), Scalar(as_value(maximum(tiles, 2))), 0)
            when(rows > 0, lambda: body(Expert(number, first, rows, tiles, first_tile, cost, cost_before)))
            return [(first_tile + tiles).value, (cost_before + cost).value]

        zeros = [as_value(0), as_value(0)]
        return Scalar(loop(0, self._spec.experts, 1, zeros, visit)[1])

    def rows_of(self, expert: Expert, skipped: Size = 0) -> SSAValue:
        """The numbers of the rows that chose an expert, without some at the start, as `number_at` reads them."""
        place = self._start + (self._spec.experts + 1) + expert.first + skipped
        return part(self._memory, [place], [expert.rows - skipped], run_of_elements())

    def _for_choices(self, gates: SSAValue, rows: Scalar, body: Callable[[Scalar, Scalar], None]) -> None:
        """Call `body` for each row and each expert that it chose."""

        def visit(row: Scalar, expert: Scalar, carried: Carried) -> Carried:
            (found,) = map(Scalar, carried)
            chosen = differ(element(gates, [row, expert]), 0.0) & found.is_below(self._spec.top_k)
            when(chosen, lambda: body(row, expert))
            return [select(chosen, found + 1, found).value]

        def visit_row(row: Scalar) -> None:
            loop(0, self._spec.experts, 1, [as_value(0)], lambda expert, found: visit(row, expert, found))

        each(0, rows, 1, visit_row)

    def _sum_up(self) -> None:
        """From the choices of each expert, kept one place further, to the choices of those before."""

        def visit(expert: Scalar, carried: Carried) -> Carried:
            (before,) = map(Scalar, carried)
            count = self._at(expert + 1)
            self._put(before, expert + 1)
            return [(before + count).value]

        loop(0, self._spec.experts, 1, [as_value(0)], visit)

    def _append(self, row: Scalar, expert: Scalar) -> None:
        """Put a row where the next one of an expert belongs; what the list says of the next expert grows with it."""
        place = self._at(expert + 1)
        self._put(row, place + (self._spec.experts + 1))
        self._put(place + 1, expert + 1)

    def _at(self, place: Size) -> Scalar:
        return number_at(self._memory, self._start + place)

    def _put(self, number: Size, place: Size) -> None:
        put_number(number, self._memory, self._start + place)
