"""`rlx-profile`: each thread notes the time whenever it is done with a part of the work."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects import arith, llvm, memref
from xdsl.dialects.builtin import (
    DYNAMIC_INDEX,
    UNKNOWN_LOC,
    ArrayAttr,
    IndexType,
    IntegerAttr,
    IntegerType,
    MemRefType,
    ModuleOp,
    UnitAttr,
    i32,
    i64,
)
from xdsl.dialects.func import CallOp, FuncOp
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.traits import IsTerminator

from rlxc.dialects.kernel import KernelOperation
from rlxc.passes.arguments import argument_attributes
from rlxc.passes.attribute_names import PROFILE
from rlxc.passes.kernels.barrier import BARRIER_FUNCTION
from rlxc.passes.kernels.to_calls.team import Team
from rlxc.passes.kernels.vectors import function
from rlxc.passes.lowering.functions import body_of, entry_function, set_argument_attributes
from rlxc.passes.lowering.scalars import Scalar, constant

MARKS = "rlx.marks"
"""The function attribute that says what a thread does between two times."""

PROFILE_TYPE: MemRefType[IntegerType] = MemRefType(i64, [DYNAMIC_INDEX, DYNAMIC_INDEX, 2])
"""Thread, mark, seconds and nanoseconds: a mark has the layout of C's `timespec`."""

TIME_BYTES = 16
"""The size of a mark."""

_NOTE, _CLOCK = "rlxc_note_time", "clock_gettime"


@dataclass(frozen=True)
class RlxProfilePass(ModulePass):
    """Let each thread of the entry function note the time at its start, and behind each part of its work.

    ```mlir
    func.func @f(%x: memref<?x64xf32>, %num_threads: index {rlx.num_threads}, %y: memref<?x64xf32>,
                 %thread: index {rlx.thread}, %barrier: memref<16xi64> {rlx.barrier}) {
      scf.for %row = %first_row to %end_row step %c1 {...} loc("%y = rlx.softcap %x {cap = 30}")
      func.call @rlxc_barrier(%barrier, %num_threads)
    ```
    becomes
    ```mlir
    func.func @f(%x: memref<?x64xf32>, %num_threads: index {rlx.num_threads}, %y: memref<?x64xf32>,
                 %profile: memref<?x?x2xi64> {rlx.profile}, %thread: index {rlx.thread},
                 %barrier: memref<16xi64> {rlx.barrier})
        attributes {rlx.marks = [[loc("%y = rlx.softcap %x {cap = 30}")], []]} {
      func.call @rlxc_note_time(%profile, %thread, %c0)
      scf.for %row = %first_row to %end_row step %c1 {...} loc("%y = rlx.softcap %x {cap = 30}")
      func.call @rlxc_note_time(%profile, %thread, %c1)
      func.call @rlxc_barrier(%barrier, %num_threads)
      func.call @rlxc_note_time(%profile, %thread, %c2)
    ```
    - `%profile[thread, 0]` is the time at the start of a thread, `%profile[thread, 1 + i]` that behind part `i`:
      a loop over rows, a kernel, or waiting for the other threads. The caller gives the memory: as many rows as
      there are threads, and a column more than there are entries in `rlx.marks`.
    - Entry `i` of `rlx.marks` holds the locations of the operations that part `i` does the work of; it is empty
      where a thread waits.
    - `clock` is the number of the system's clock, as `clock_gettime` takes it: 1 is the monotonic one of Linux.

    Precondition: `rlx-share-work` has run, and no kernel has been replaced by a call yet.
    """

    name = "rlx-profile"

    clock: int = 1

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        entry = entry_function(op)
        parts = [part for part in body_of(entry).ops if is_part(part)]
        notes = Notes(entry)
        notes.note_before(entry.body.block.first_op, 0)
        for mark, part in enumerate(parts, 1):
            notes.note_before(part.next_op, mark)
        entry.attributes[MARKS] = ArrayAttr(ArrayAttr(locations_in(part)) for part in parts)
        op.body.block.add_ops(note_functions(self.clock))


def is_part(op: Operation) -> bool:
    """Whether an operation of the entry function takes time that is worth a note."""
    return is_wait(op) or isinstance(op, KernelOperation) or bool(op.regions)


def is_wait(op: Operation) -> bool:
    """Whether a thread waits for the others in an operation."""
    return isinstance(op, CallOp) and op.callee.string_value() == BARRIER_FUNCTION


def locations_in(part: Operation) -> Iterable[Attribute]:
    """The locations of what a part does, each once."""
    if is_wait(part):
        return []
    inside = (op for op in part.walk() if not op.has_trait(IsTerminator) and not is_wait(op))
    return dict.fromkeys(op.location for op in inside if op.location != UNKNOWN_LOC)


class Notes:
    """The memory for the times of a function, as a new argument before the number of the thread."""

    def __init__(self, function: FuncOp):
        self._thread = Team.of(function).thread
        attributes = [argument_attributes(argument) for argument in function.args]
        place = next(index for index, argument in enumerate(function.args) if argument is self._thread)
        self._memory = function.body.block.insert_arg(PROFILE_TYPE, place)
        self._memory.name_hint = "profile"
        set_argument_attributes(function, [*attributes[:place], {PROFILE: UnitAttr()}, *attributes[place:]])
        function.update_function_type()

    def note_before(self, op: Operation | None, mark: int) -> None:
        """Note the time before an operation."""
        assert op is not None
        number = arith.ConstantOp(IntegerAttr(mark, IndexType()))
        number.result.name_hint = "mark"
        call = CallOp(_NOTE, [self._memory, self._thread, number.result], [])
        Rewriter.insert_op([number, call], InsertPoint.before(op))


def note_functions(clock: int) -> tuple[FuncOp, FuncOp]:
    """`rlxc_note_time(profile, thread, mark)`, and the declaration of the system's function that it calls."""

    def body(profile: SSAValue, thread: SSAValue, mark: SSAValue) -> None:
        marks = Scalar(memref.DimOp(profile, constant(1, IndexType()).value).result)
        start = Scalar(memref.ExtractAlignedPointerAsIndexOp.get(profile).aligned_pointer)
        address = start + (Scalar(thread) * marks + Scalar(mark)) * TIME_BYTES
        place = llvm.IntToPtrOp(arith.IndexCastOp(address.value, i64).result).output
        CallOp(_CLOCK, [constant(clock, i32).value, place], [i32])

    index = IndexType()
    note = function(_NOTE, (("profile", PROFILE_TYPE), ("thread", index), ("mark", index)), body)
    return note, FuncOp.external(_CLOCK, [i32, llvm.LLVMPointerType()], [i32])
