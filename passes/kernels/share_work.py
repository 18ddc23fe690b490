"""`rlx-share-work`: the threads of a team share the work of a function."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects import memref
from xdsl.dialects.builtin import IndexType, ModuleOp, UnitAttr
from xdsl.dialects.func import FuncOp
from xdsl.dialects.linalg.abstract_ops import LinalgStructuredOperation
from xdsl.ir import Block, Operation
from xdsl.passes import ModulePass
from xdsl.transforms.common_subexpression_elimination import CommonSubexpressionElimination
from xdsl.utils.exceptions import PassFailedException

from rlxc.dialects.kernel import KernelCallOp
from rlxc.passes.arguments import argument_attributes
from rlxc.passes.attribute_names import BARRIER, NUM_THREADS, THREAD
from rlxc.passes.kernels.barrier import BARRIER_TYPE, barrier_functions
from rlxc.passes.kernels.row_loops.accesses import accesses_of, is_replicable, is_shared
from rlxc.passes.kernels.row_loops.barriers import Barriers
from rlxc.passes.kernels.row_loops.emit import replace_by_row_loop
from rlxc.passes.kernels.row_loops.group import RowGroup, RowOp
from rlxc.passes.kernels.row_loops.lives import Lives
from rlxc.passes.kernels.to_calls.team import Team
from rlxc.passes.lowering.call_order import callees_first
from rlxc.passes.lowering.entry_values import EntryValues
from rlxc.passes.lowering.functions import body_of, set_argument_attributes
from rlxc.passes.lowering.linalg_to_affine import as_structured, require_one_output


@dataclass(frozen=True)
class RlxShareWorkPass(ModulePass):
    """Make the entry function, and what it calls, functions that all threads of a team call: each does its share.

    ```mlir
    func.func @f(%x: memref<?x64xf32>, %num_threads: index {rlx.num_threads}, %y: memref<?x64xf32>) {
      linalg.generic ... ins(%x : memref<?x64xf32>) outs(%sums : memref<?xf32>) {...}
      linalg.generic ... ins(%x, %sums : memref<?x64xf32>, memref<?xf32>) outs(%y : memref<?x64xf32>) {...}
    ```
    becomes
    ```mlir
    func.func @f(%x: memref<?x64xf32>, %num_threads: index {rlx.num_threads}, %y: memref<?x64xf32>,
                 %thread: index {rlx.thread}, %barrier: memref<16xi64> {rlx.barrier}) {
      %first_row = ... %thread * rows / %num_threads
      %end_row = ... (%thread + 1) * rows / %num_threads
      scf.for %row = %first_row to %end_row step %c1 {
        %sum = scf.for %j = %c0 to %c64 step %c1 iter_args(...) -> (f32) {...}
        memref.store %sum, %sums[%row] : memref<?xf32>
        scf.for %j = %c0 to %c64 step %c1 {...}
      }
      func.call @rlxc_barrier(%barrier, %num_threads) : (memref<16xi64>, index) -> ()
    ```
    - Structured operations that stand side by side become one loop, if the outer, parallel loops of all have the
      same sizes, and what one of them writes is accessed by the others at the same indices of these loops. So a
      row stays in the cache from one to the next. Each thread runs a contiguous range of rows; if there are fewer
      rows than threads, and elements do not depend on others, it runs a range of columns of all rows.
    - A kernel shares its work itself, and so does a called function, at whose end the threads have met. Scalars are
      computed by each thread, and so are the bounds of loops, which all threads run together.
    - The threads meet where one needs what another has written, or overwrites what it has read, and at the end.

    Preconditions: `rlx-bufferize` and `rlx-arena-to-arg` have run, and an argument has the attribute
    `rlx.num_threads`. Functions without one, besides the entry function, stay as they are.
    """

    name = "rlx-share-work"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        *called, entry = callees_first(op)
        for function in (*(function for function in called if takes_threads(function)), entry):
            share_work(function)
        op.body.block.add_ops(barrier_functions())
        CommonSubexpressionElimination().apply(ctx, op)


def takes_threads(function: FuncOp) -> bool:
    """Whether an argument of a function is the number of threads that run it."""
    return any(NUM_THREADS in argument_attributes(argument) for argument in function.args)


def share_work(function: FuncOp) -> None:
    """Let a team of threads run a function, of which each calls it."""
    WorkSharing(function, add_team(function)).share(body_of(function))


def add_team(function: FuncOp) -> Team:
    """Add the arguments that tell a thread which one it is, and where the others are."""
    attributes = [argument_attributes(argument) for argument in function.args]
    if not takes_threads(function):
        raise PassFailedException(
            f"@{function.sym_name.data} has no argument for the number of threads, one with the attribute "
            f"'{NUM_THREADS}': run convert-rlx-to-kernel before rlx-share-work"
        )
    block = body_of(function)
    block.insert_arg(IndexType(), len(block.args)).name_hint = "thread"
    block.insert_arg(BARRIER_TYPE, len(block.args)).name_hint = "barrier"
    set_argument_attributes(function, [*attributes, {THREAD: UnitAttr()}, {BARRIER: UnitAttr()}])
    function.update_function_type()
    return Team.of(function)


class WorkSharing:
    """Shares the work of one function."""

    def __init__(self, function: FuncOp, team: Team):
        for op in [op for op in function.walk() if isinstance(op, memref.CopyOp)]:
            as_structured(op)
        self._team, self._values, self._lives = team, EntryValues(function), Lives(function)

    def share(self, block: Block) -> None:
        """Let the threads share the work of a block, and meet at its end."""
        barriers, group = Barriers(self._team), None
        for op in list(block.ops):
            if isinstance(op, LinalgStructuredOperation):
                require_one_output(op)
                new = RowOp(op, self._values)
                if group is not None and group.take(new):
                    continue
                self._finish(group, barriers)
                group = RowGroup(new, self._lives)
            elif not is_replicable(op) or op is block.last_op:
                self._finish(group, barriers)
                group = None
                self._run(op, barriers)
        barriers.at_end(block)

    def _finish(self, group: RowGroup | None, barriers: Barriers) -> None:
        """Put the loop of a group in its place."""
        if group is None:
            return
        barriers.before(group.members[-1].op, group.accesses)
        barriers.note(group.accesses)
        replace_by_row_loop(group, self._team, self._values)

    def _run(self, op: Operation, barriers: Barriers) -> None:
        """Keep an operation that each thread runs, and share the work inside it."""
        accesses = list(accesses_of(op))
        barriers.before(op, accesses)
        if not op.regions or not is_shared(op):
            barriers.note(accesses)
            if isinstance(op, KernelCallOp):
                barriers.met()
            return
        for region in op.regions:
            for inner in region.blocks:
                self.share(inner)
