"""From when to when the contents of an allocation are needed."""

from __future__ import annotations

from collections.abc import Iterator

from xdsl.dialects import memref
from xdsl.dialects.func import FuncOp
from xdsl.ir import Operation, SSAValue

VIEWS = (memref.SubviewOp, memref.ExpandShapeOp, memref.CollapseShapeOp, memref.CastOp)
"""Operations whose result is a view of their first operand."""


class Lifetimes:
    """The operations of a function are numbered as they are written; each lasts until the last one inside it."""

    def __init__(self, function: FuncOp):
        self._starts = {op: time for time, op in enumerate(function.body.walk())}

    def of(self, op: memref.AllocOp) -> tuple[int, int]:
        """The first and the last time at which an allocation is used, each lasting loop counted as a whole."""
        assert op.parent is not None
        users = [op.parent.find_ancestor_op_in_block(user) for user in accesses(op.memref)]
        present = [user for user in users if user is not None] or [op]
        return min(self._starts[user] for user in present), max(self._end(user) for user in present)

    def _end(self, op: Operation) -> int:
        *_, last = op.walk()
        return self._starts[last]


def accesses(buffer: SSAValue) -> Iterator[Operation]:
    """The operations that read or write a buffer or a view of it."""
    for use in buffer.uses:
        if isinstance(use.operation, VIEWS):
            yield from accesses(use.operation.results[0])
        else:
            yield use.operation
