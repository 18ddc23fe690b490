"""The loop over the rows of a group."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.builder import ImplicitBuilder
from xdsl.dialects import scf
from xdsl.dialects.builtin import UNKNOWN_LOC, IndexType
from xdsl.ir import Block
from xdsl.rewriter import InsertPoint, Rewriter

from rlxc.passes.kernels.row_loops.group import RowGroup, RowOp
from rlxc.passes.kernels.row_loops.share import Range, shares
from rlxc.passes.kernels.to_calls.team import Team
from rlxc.passes.lowering.entry_values import EntryValues
from rlxc.passes.lowering.scalars import Scalar, Size
from rlxc.passes.lowering.to_loops.bounds import Bound
from rlxc.passes.lowering.to_loops.nest import LoopNest
from rlxc.passes.lowering.to_loops.style import ScfLoops, Values


def replace_by_row_loop(group: RowGroup, team: Team, values: EntryValues) -> None:
    """Put one loop, of which each thread runs a contiguous part, in the place of the operations.

    If there are fewer rows than threads, and columns can be shared, each thread runs all rows for a part of these.
    """
    sizes = [_size(bound) for bound in group.members[0].bounds[: group.depth]]
    loop, last = Block(), group.members[-1].op
    with ImplicitBuilder(loop):
        rows, style = Range.of_thread(product(sizes), team), ScfLoops(values)
        if group.columns is not None:
            rows, columns = shares(product(sizes), _size(group.columns), team)
            style = ScfLoops(values, columns.named("column").values)
        first, end = rows.named("row").values
        scf.ForOp(first, end, values.constant(1), [], _row(group, sizes, style))
    for op in loop.walk():
        op.location = last.location if op.location == UNKNOWN_LOC else op.location
    Rewriter.inline_block(loop, InsertPoint.before(last))
    for member in group.members:
        Rewriter.erase_op(member.op)


def product(sizes: Sequence[Size]) -> Size:
    """How many rows there are."""
    total: Size = 1
    for size in sizes:
        total = total * size
    return total


def _row(group: RowGroup, sizes: Sequence[Size], style: ScfLoops) -> Block:
    """One iteration: all operations, on one row."""
    row = Block(arg_types=[IndexType()])
    row.args[0].name_hint = "row"
    with ImplicitBuilder(row):
        indices = _indices(Scalar(row.args[0]), sizes)
    for member in group.members:
        Rewriter.inline_block(_inner_loops(member, indices, style), InsertPoint.at_end(row))
    with ImplicitBuilder(row):
        scf.YieldOp()
    return row


def _indices(row: Scalar, sizes: Sequence[Size]) -> Values:
    """The index of a row on each axis, outermost first."""
    indices: list[Scalar] = []
    for size in reversed(sizes[1:]):
        outer = row // size
        indices.insert(0, row - outer * size)
        row = outer
    return [index.value for index in ([row, *indices] if sizes else [])]


def _inner_loops(member: RowOp, indices: Values, style: ScfLoops) -> Block:
    block = Block()
    with ImplicitBuilder(block):
        LoopNest(member.op, member.bounds, style).build_inside(indices)
    for op in block.walk():
        op.location = member.op.location
    return block


def _size(bound: Bound) -> Size:
    return bound if isinstance(bound, int) else Scalar(bound)
