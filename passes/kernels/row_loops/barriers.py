"""Where the threads of a team have to wait for each other."""

from __future__ import annotations

from collections.abc import Iterable

from xdsl.ir import Block, Operation, SSAValue
from xdsl.rewriter import InsertPoint, Rewriter

from rlxc.passes.kernels.barrier import call_barrier
from rlxc.passes.kernels.row_loops.accesses import Access
from rlxc.passes.kernels.to_calls.team import Team


class Barriers:
    """What the threads have read and written since they last met, in the order of the program."""

    def __init__(self, team: Team):
        self._team = team
        self._written: dict[SSAValue, bool] = {}
        """The memories that were accessed, and whether they were written."""

    def before(self, op: Operation, accesses: Iterable[Access]) -> None:
        """Let the threads meet before an operation, if another thread may still be at work on what it needs."""
        if any(access.root in self._written and (access.writes or self._written[access.root]) for access in accesses):
            self._meet_before(op)

    def note(self, accesses: Iterable[Access]) -> None:
        """Remember the accesses of an operation."""
        for access in accesses:
            self._written[access.root] = access.writes or self._written.get(access.root, False)

    def met(self) -> None:
        """Remember that the threads have met by themselves."""
        self._written.clear()

    def at_end(self, block: Block) -> None:
        """Let the threads meet at the end of a block, if they have done anything since they last met."""
        assert block.last_op is not None
        if self._written:
            self._meet_before(block.last_op)

    def _meet_before(self, op: Operation) -> None:
        call = call_barrier(self._team.barrier, self._team.num_threads)
        call.location = op.location
        Rewriter.insert_op(call, InsertPoint.before(op))
        self._written.clear()
