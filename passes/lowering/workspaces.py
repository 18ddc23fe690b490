"""The memory that called functions need: a part of the caller's arena, the same for all calls."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import TypeAlias

from xdsl.builder import ImplicitBuilder
from xdsl.dialects import arith, memref
from xdsl.dialects.builtin import DYNAMIC_INDEX, IndexType, IntegerAttr, MemRefType, i8, i64
from xdsl.dialects.func import FuncOp
from xdsl.ir import Block, BlockArgument, Operation, SSAValue
from xdsl.rewriter import InsertPoint, Rewriter

from rlxc.dialects.kernel import KernelCallOp
from rlxc.dialects.rlx.base import shape_of
from rlxc.passes.arguments import first_of_same_size, held_result
from rlxc.passes.lowering.copied_values import copy_values, leaves
from rlxc.passes.lowering.memory_plan.arena import free_at_end
from rlxc.passes.lowering.memory_plan.plan import ALIGNMENT
from rlxc.passes.lowering.slices import backward_slice

BYTES = MemRefType(i8, [DYNAMIC_INDEX])


Rooms: TypeAlias = "dict[FuncOp, dict[KernelCallOp, SSAValue]]"
"""The bytes that each call in a function needs."""


def find_arena(function: FuncOp) -> memref.AllocOp | None:
    """The allocation of bytes of which the buffers are views."""
    for op in function.body.block.ops:
        if isinstance(op, memref.AllocOp) and op.memref.type == BYTES:
            users = [use.operation for use in op.memref.uses]
            if all(isinstance(user, memref.ViewOp | memref.DeallocOp) for user in users):
                return op
    return None


class NeededBytes:
    """How large the arena of a called function is in a call, computed at the start of the caller.

    It is computed once for all calls that pass the same sizes and numbers.
    """

    def __init__(self, callee: FuncOp, size: SSAValue):
        self._callee, self._size = callee, size
        self._operations = backward_slice([size], callee.body.block)
        self._leaves = leaves(self._operations)
        self._known: dict[tuple[object, ...], SSAValue] = {}

    def of(self, call: KernelCallOp, caller: FuncOp) -> SSAValue:
        """The size in a call."""
        passed: dict[SSAValue, SSAValue] = dict(zip(self._callee.args, passed_buffers(call, self._callee), strict=True))
        taken = (passed[leaf] if axis is None else known_size(passed[leaf], axis) for leaf, axis in self._leaves)
        key = (caller, *taken)
        if key not in self._known:
            made = Block()
            with ImplicitBuilder(made):
                self._known[key] = copy_values(self._operations, passed, size_of)[self._size]
            Rewriter.inline_block(made, InsertPoint.before(_start(caller)))
        return self._known[key]


def passed_buffers(call: KernelCallOp, callee: FuncOp) -> list[SSAValue]:
    """What stands for each argument that a bufferized function has before its arena."""
    held = {held_result(argument) for argument in callee.args}
    return [*call.arguments, *(value for number, value in enumerate(call.results_) if number not in held)]


def make_room(caller: FuncOp, rooms: Rooms) -> None:
    """Let the arena of a function, behind its own buffers, have room for any of its calls, and the calls take it."""
    sizes = rooms.get(caller)
    if not sizes:
        return
    start, old, made = _start(caller), find_arena(caller), Block()
    with ImplicitBuilder(made):
        own = arith.ConstantOp(IntegerAttr(0, IndexType())).result if old is None else old.dynamic_sizes[0]
        workspace = _largest(list(dict.fromkeys(sizes.values())))
        total = arith.AddiOp(own, workspace).result
        arena = memref.AllocOp((total,), (), BYTES, IntegerAttr(ALIGNMENT, i64)).memref
    arena.name_hint = "arena"
    Rewriter.inline_block(made, InsertPoint.before(start))
    if old is None:
        free_at_end(arena)
    else:
        old.memref.replace_all_uses_with(arena)
        Rewriter.erase_op(old)
    for call, size in sizes.items():
        view = memref.ViewOp(arena, own, [size], BYTES)
        view.location = call.location
        given = KernelCallOp(call.callee.string_value(), call.arguments, call.results_, view.result)
        Rewriter.replace_op(call, [view, given], [])
        given.location = view.location


def size_of(buffer: SSAValue, axis: int) -> SSAValue:
    """Create the size of an axis of a buffer."""
    match known_size(buffer, axis):
        case int() as size:
            return arith.ConstantOp(IntegerAttr(size, IndexType())).result
        case SSAValue() as size:
            return size
        case memref.CollapseShapeOp(src=source, reassociation=groups), int() as group:
            first, *others = (size_of(source, part.value.data) for part in groups.data[group])
            return reduce(_product, others, first)
        case measured, int() as place:
            assert isinstance(measured, SSAValue)
            return memref.DimOp(measured, arith.ConstantOp(IntegerAttr(place, IndexType())).result).result


def known_size(buffer: SSAValue, axis: int) -> KnownSize:
    """The size of an axis of a buffer, by what it was made with: it may be made later than the size is needed."""
    if (size := shape_of(buffer)[axis]) != DYNAMIC_INDEX:
        return size
    number = shape_of(buffer)[:axis].count(DYNAMIC_INDEX)
    match buffer.owner:
        case memref.ViewOp() as op:
            return op.sizes[number]
        case memref.AllocOp() as op:
            return op.dynamic_sizes[number]
        case memref.ExpandShapeOp() as op:
            return op.output_shape[number]
        case memref.CastOp(source=source):
            return known_size(source, axis)
        case memref.CollapseShapeOp() as op:
            return op, axis
        case _:
            return first_of_same_size(buffer, axis) if isinstance(buffer, BlockArgument) else (buffer, axis)


KnownSize: TypeAlias = "int | SSAValue | tuple[SSAValue | memref.CollapseShapeOp, int]"
"""A number, the value that holds it, or what has it as one of its axes."""


def _largest(sizes: Sequence[SSAValue]) -> SSAValue:
    first, *others = sizes
    return reduce(_larger, others, first)


def _larger(a: SSAValue, b: SSAValue) -> SSAValue:
    return arith.MaxUIOp(a, b).result


def _product(a: SSAValue, b: SSAValue) -> SSAValue:
    return arith.MuliOp(a, b).result


def _start(function: FuncOp) -> Operation:
    """The operation before which sizes are computed: all arguments of calls that are numbers are known there."""
    arena = find_arena(function)
    return arena or next(op for op in function.body.block.ops if any(isinstance(x, KernelCallOp) for x in op.walk()))
