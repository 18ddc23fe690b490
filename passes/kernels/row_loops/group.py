"""Structured operations that one loop over rows can run, one after the other for each row."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product, takewhile

from xdsl.builder import ImplicitBuilder
from xdsl.dialects.linalg.abstract_ops import LinalgStructuredOperation
from xdsl.ir import Block
from xdsl.rewriter import InsertPoint, Rewriter

from rlxc.passes.kernels.row_loops.accesses import Access, accesses_of
from rlxc.passes.kernels.row_loops.lives import Lives
from rlxc.passes.kernels.row_loops.rows import RowAccess, parallel_loops, size_key
from rlxc.passes.lowering.entry_values import EntryValues
from rlxc.passes.lowering.to_loops.bounds import Bound, loop_bounds


class RowOp:
    """A structured operation with the sizes of its loops."""

    def __init__(self, op: LinalgStructuredOperation, values: EntryValues):
        self.op = op
        self.bounds = _bounds_before(op, values)
        self.rows = tuple(map(size_key, self.bounds[: parallel_loops(op)]))
        """The sizes of the outer loops that are parallel, for comparison."""
        self.accesses = tuple(accesses_of(op))


def _bounds_before(op: LinalgStructuredOperation, values: EntryValues) -> list[Bound]:
    """The sizes of the loops, computed before the operation where they are not at hand."""
    block = Block()
    with ImplicitBuilder(block):
        bounds = loop_bounds(op, values)
    Rewriter.inline_block(block, InsertPoint.before(op))
    return bounds


class RowGroup:
    """Operations that stand side by side. What one of them writes, the others reach in the same row only."""

    def __init__(self, first: RowOp, lives: Lives):
        self.members = [first]
        self._rows = first.rows
        self._lives = lives

    def take(self, new: RowOp) -> bool:
        """Add an operation that stands behind the others, if that is right, and leaves rows enough."""
        rows = _common_prefix(self._rows, new.rows)
        # Two outer loops, as over a batch and its positions, are rows enough; one may be the batch alone.
        fewest = min(2, max(self.depth, RowGroup(new, self._lives).depth))
        for depth in range(len(rows), fewest - 1, -1):
            if self._allows(new, depth):
                self.members.append(new)
                self._rows = rows[:depth]
                return True
        return False

    @property
    def depth(self) -> int:
        """How many outer loops make the rows. If possible, a row is a loop itself, which can be vectorized."""
        depth = len(self._rows)
        return depth - 1 if depth > 1 and self._are_elements else depth

    @property
    def columns(self) -> Bound | None:
        """The size of that loop, if it may be shared as well: no element depends on others, in the row or outside."""
        return self.members[0].bounds[-1] if len(self._rows) > 1 and self._are_elements else None

    @property
    def _are_elements(self) -> bool:
        return all(len(member.bounds) == len(self._rows) for member in self.members)

    @property
    def accesses(self) -> Sequence[Access]:
        """What the operations read and write."""
        return [access for member in self.members for access in member.accesses]

    def _allows(self, new: RowOp, depth: int) -> bool:
        """Whether a new operation can be run row by row with the others."""
        ops = [member.op for member in (*self.members, new)]
        pairs = product(self.accesses, new.accesses)
        return all(self._are_independent(a, b, depth, ops) for a, b in pairs)

    def _are_independent(self, a: Access, b: Access, depth: int, ops: Sequence[LinalgStructuredOperation]) -> bool:
        """Whether no row of one access reaches what another row of the other writes, or the other way round."""
        if (not a.writes and not b.writes) or a.root is not b.root:
            return True
        if a.base is not b.base:
            return self._lives.are_apart(a.base, b.base, ops)
        row = RowAccess.of(a, depth)
        return row is not None and row == RowAccess.of(b, depth)


def _common_prefix(a: Sequence[object], b: Sequence[object]) -> tuple[object, ...]:
    return tuple(ours for ours, _ in takewhile(lambda pair: pair[0] == pair[1], zip(a, b, strict=False)))
