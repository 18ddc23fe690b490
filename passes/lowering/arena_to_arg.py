"""`rlx-arena-to-arg`: the caller gives the memory of the temporaries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects import arith, memref
from xdsl.dialects.builtin import DYNAMIC_INDEX, IndexType, IntegerAttr, MemRefType, ModuleOp, UnitAttr, i64
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import BlockArgument, Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.transforms.common_subexpression_elimination import CommonSubexpressionElimination
from xdsl.utils.exceptions import PassFailedException
from xdsl.utils.hints import isa

from rlxc.dialects.kernel import KernelCallOp
from rlxc.passes.arguments import argument_attributes, result_arguments
from rlxc.passes.attribute_names import ARENA
from rlxc.passes.lowering.call_order import AnyCall, callees_first, calls_of
from rlxc.passes.lowering.functions import functions_of, is_load_time, set_argument_attributes
from rlxc.passes.lowering.slices import backward_slice
from rlxc.passes.lowering.workspaces import NeededBytes, Rooms, find_arena, make_room


@dataclass(frozen=True)
class RlxArenaToArgPass(ModulePass):
    """Make the arena of the entry function its last argument, and let the function before it tell the size.

    ```mlir
    func.func @f(%x: memref<?x16xf32>, %y: memref<?x16xf32>) {
      %B = memref.dim %x, %c0 : memref<?x16xf32>
      %bytes = arith.muli %B, %c64 : index
      %arena = memref.alloc(%bytes) {alignment = 64 : i64} : memref<?xi8>
      ...
      memref.dealloc %arena : memref<?xi8>
      func.return
    }
    func.func @f_prepare(%x: memref<?x16xf32>) -> (i64, i64) {...}
    ```
    becomes
    ```mlir
    func.func @f(%x: memref<?x16xf32>, %y: memref<?x16xf32>, %arena: memref<?xi8> {rlx.arena}) {
      ...
      func.return
    }
    func.func @f_prepare(%x: memref<?x16xf32>) -> (i64, i64, i64) {
      ...
      %arena_bytes = arith.index_cast %bytes : index to i64
      func.return %status, %B, %arena_bytes : i64, i64, i64
    }
    ```
    A called function has an arena too, which gets room behind that of its caller: whichever function is called, it
    lies at the same place.
    A caller can report that memory is short, and choose its kind; native code could only crash.
    The arena must be aligned to 64 bytes.

    Preconditions: `rlx-outline-checks` and `rlx-bufferize` have run. A function without an arena stays as it is,
    and so does one whose arena has a size that does not follow from sizes and numbers among the arguments.
    """

    name = "rlx-arena-to-arg"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        *called, entry = callees_first(op)
        calls = calls_of((*called, entry))
        rooms: Rooms = {}
        for function in called:
            make_room(function, rooms)
            take_workspace(function, calls[function.sym_name.data], rooms)
        make_room(entry, rooms)
        name = f"{entry.sym_name.data}_prepare"
        prepare = next((other for other in functions_of(op) if other.sym_name.data == name), None)
        arena = find_arena(entry)
        if prepare is None or arena is None or not has_plain_arena(entry):
            return
        tell_size(entry, prepare, arena.dynamic_sizes[0])
        take_argument(entry, arena)
        CommonSubexpressionElimination().apply(ctx, op)


def take_workspace(function: FuncOp, calls: Sequence[AnyCall], rooms: Rooms) -> None:
    """Let the callers of a function give the memory of its arena, as a part of theirs."""
    arena = find_arena(function)
    kernel_calls = [call for call in calls if isinstance(call, KernelCallOp)]
    if arena is None or not kernel_calls:
        return
    name = function.sym_name.data
    if not has_plain_arena(function):
        raise PassFailedException(f"callers of @{name} cannot tell how much memory it needs: run rlx-inline-calls")
    needed = NeededBytes(function, arena.dynamic_sizes[0])
    for call in kernel_calls:
        caller = call.parent_op()
        if not isinstance(caller, FuncOp):
            raise PassFailedException(f"@{name} is called in a loop, where it gets no memory: run rlx-inline-calls")
        rooms.setdefault(caller, {})[call] = needed.of(call, caller)
    take_argument(function, arena)


def has_plain_arena(function: FuncOp) -> bool:
    """Whether there is an arena, of a size that follows from sizes of arguments, and arguments that are numbers."""
    arena = find_arena(function)
    return arena is not None and all(
        isinstance(op.source, BlockArgument) if isinstance(op, memref.DimOp) else op.name.startswith("arith.")
        for op in backward_slice(arena.dynamic_sizes, function.body.block)
    )


def tell_size(entry: FuncOp, prepare: FuncOp, size: SSAValue) -> None:
    """Compute the size of the arena in the prepare function too, and return it last."""
    returned = prepare.body.block.last_op
    assert isinstance(returned, ReturnOp)
    sizes = ArgumentSizes(entry, prepare, returned)
    copies: dict[SSAValue, SSAValue] = {**sizes.inputs}
    made: list[Operation] = []
    for op in backward_slice([size], entry.body.block):
        operations = sizes.operations(op) if isinstance(op, memref.DimOp) else [op.clone(copies)]
        copies.update(zip(op.results, operations[-1].results, strict=True))
        made += operations
    made.append(cast := arith.IndexCastOp(copies[size], i64))
    cast.result.name_hint = "arena_bytes"
    Rewriter.insert_op(made, InsertPoint.before(returned))
    Rewriter.replace_op(returned, ReturnOp(*returned.operands, cast.result))
    prepare.update_function_type()


class ArgumentSizes:
    """The sizes of the arguments of the entry function, in the terms of its prepare function."""

    def __init__(self, entry: FuncOp, prepare: FuncOp, returned: ReturnOp):
        arguments = [argument for argument in entry.args if not is_load_time(argument)]
        inputs, own = arguments[: len(prepare.args)], arguments[len(prepare.args) :]
        self.inputs = dict(zip(inputs, prepare.args, strict=True))
        places = [(result, axis) for result in result_arguments(inputs, own) for axis in dynamic_axes(result)]
        self._returned = dict(zip(places, returned.operands[1:], strict=True))

    def operations(self, dim: memref.DimOp) -> Sequence[Operation]:
        """What computes the same size in the prepare function, as the result of the last operation."""
        source, axis = dim.source, constant_index(dim.index)
        assert isinstance(source, BlockArgument)
        if source in self.inputs:
            literal = arith.ConstantOp(IntegerAttr(axis, IndexType()))
            return literal, memref.DimOp(self.inputs[source], literal.result)
        if (source, axis) in self._returned:
            return (arith.IndexCastOp(self._returned[source, axis], IndexType()),)
        assert isa(source.type, MemRefType)
        return (arith.ConstantOp(IntegerAttr(source.type.get_shape()[axis], IndexType())),)


def constant_index(value: SSAValue) -> int:
    """The number that a constant holds."""
    assert isinstance(value.owner, arith.ConstantOp)
    assert isinstance(value.owner.value, IntegerAttr)
    return value.owner.value.value.data


def dynamic_axes(argument: BlockArgument) -> Iterable[int]:
    """The axes of an argument whose size is known at run time only."""
    shape = argument.type.get_shape() if isa(argument.type, MemRefType) else ()
    return (axis for axis, size in enumerate(shape) if size == DYNAMIC_INDEX)


def take_argument(entry: FuncOp, arena: memref.AllocOp) -> None:
    """Use a new last argument instead of the allocation, and drop what computed its size only."""
    block, sizes = entry.body.block, backward_slice(arena.dynamic_sizes, entry.body.block)
    attributes = [argument_attributes(argument) for argument in entry.args]
    argument = block.insert_arg(arena.memref.type, len(block.args))
    argument.name_hint = arena.memref.name_hint
    set_argument_attributes(entry, [*attributes, {ARENA: UnitAttr()}])
    for use in list(arena.memref.uses):
        if isinstance(use.operation, memref.DeallocOp):
            Rewriter.erase_op(use.operation)
    arena.memref.replace_all_uses_with(argument)
    for op in (arena, *reversed(sizes)):
        if all(result.first_use is None for result in op.results):
            Rewriter.erase_op(op)
    entry.update_function_type()
