"""Which rows and columns belong to a thread."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.ir import SSAValue

from rlxc.passes.kernels.to_calls.team import Team
from rlxc.passes.lowering.scalars import Condition, Scalar, Size, as_value, named, select, truth


@dataclass(frozen=True)
class Range:
    """The numbers from `first` up to the one before `end`."""

    first: Size
    end: Size

    @staticmethod
    def of_thread(total: Size, team: Team) -> Range:
        """The share of a thread in `total` things. Shares follow each other, and differ by one thing at most."""
        thread, num_threads = Scalar(team.thread), Scalar(team.num_threads)
        return Range(thread * total // num_threads, (thread + 1) * total // num_threads)

    def or_else(self, condition: Condition, other: Range) -> Range:
        """This range if the condition holds, else the other."""
        chosen, first, end = truth(condition), _scalar(self.first), _scalar(self.end)
        return Range(select(chosen, first, other.first), select(chosen, end, other.end))

    def named(self, what: str) -> Range:
        """The same range, with names for readers."""
        return Range(named(self.first, f"first_{what}"), named(self.end, f"end_{what}"))

    @property
    def values(self) -> tuple[SSAValue, SSAValue]:
        """Both numbers as values."""
        return as_value(self.first), as_value(self.end)


def shares(rows: Size, columns: Size, team: Team) -> tuple[Range, Range]:
    """The rows of a thread, and its columns in each: part of the rows, or of the columns if rows are too few."""
    few = Scalar(team.num_threads) > rows
    own_rows = Range(0, rows).or_else(few, Range.of_thread(rows, team))
    return own_rows, Range.of_thread(columns, team).or_else(few, Range(0, columns))


def _scalar(size: Size) -> Scalar:
    return Scalar(as_value(size))
