"""What comes before what in a function, loops included."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from xdsl.dialects import scf
from xdsl.dialects.func import FuncOp
from xdsl.ir import Block, Operation, SSAValue
from xdsl.rewriter import InsertPoint, Rewriter


class ProgramOrder:
    """The operations of a function numbered as they are written, the ones in a loop after the loop itself.

    The number of an operation that is inserted later lies between those of its neighbours.
    """

    def __init__(self, function: FuncOp):
        self._times = {op: Fraction(time) for time, op in enumerate(function.body.walk())}
        self._times_before = {op: time - 1 for op, time in self._times.items()}

    def time(self, op: Operation) -> Fraction:
        """The number of an operation."""
        return self._times[op]

    def insert_before(self, op: Operation, new: Sequence[Operation]) -> None:
        """Insert operations without regions right before `op`."""
        for each in new:
            before, after = self._times_before[op], self._times[op]
            self._times_before[each], self._times[each] = before, (before + after) / 2
            self._times_before[op] = self._times[each]
        Rewriter.insert_op(new, InsertPoint.before(op))

    def move_before(self, op: Operation, moved: Operation) -> None:
        """Move an operation without regions right before `op`."""
        moved.detach()
        self.insert_before(op, [moved])


def loops_around(block: Block | None) -> list[scf.ForOp]:
    """The loops that a block is in, innermost first."""
    loops: list[scf.ForOp] = []
    while block is not None and (parent := block.parent_op()) is not None:
        if isinstance(parent, scf.ForOp):
            loops.append(parent)
        block = parent.parent
    return loops


def block_of(value: SSAValue) -> Block | None:
    """The block that defines a value."""
    return value.owner.parent if isinstance(value.owner, Operation) else value.owner
