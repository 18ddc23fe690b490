"""The memory that called functions need: a part of the caller's arena, the same for all calls."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import TypeAlias

from xdsl.builder import ImplicitBuilder
from xdsl.dialects import arith, memref
from xdsl.dialects.builtin import DYNAMIC_INDEX, IndexType, IntegerAttr, MemRefType, i8, i64
from xdsl.dialects.func import FuncOp
from xdsl.ir import Block, Operation, SSAValue
from xdsl.rewriter import InsertPoint, Rewriter

from rlxc.dialects.kernel import KernelCallOp
from rlxc.dialects.rlx.base import shape_of
from rlxc.passes.arguments import held_result
from rlxc.passes.lowering.copied_values import copy_values
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


def needed_bytes(call: KernelCallOp, callee: FuncOp, caller: FuncOp) -> SSAValue:
    """How large the arena of the called function is in a call, computed at the start of the caller."""
    arena, made = find_arena(callee), Block()
    assert arena is not None
    size = arena.dynamic_sizes[0]
    passed: dict[SSAValue, SSAValue] = dict(zip(callee.args, passed_buffers(call, callee), strict=True))
    with ImplicitBuilder(made):
        values = copy_values(backward_slice([size], callee.body.block), passed, size_of)
    Rewriter.inline_block(made, InsertPoint.before(_start(caller)))
    return values[size]


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
    """The size of an axis of a buffer, by what it was made with: it may be made later than the size is needed."""
    if (size := shape_of(buffer)[axis]) != DYNAMIC_INDEX:
        return arith.ConstantOp(IntegerAttr(size, IndexType())).result
    number = shape_of(buffer)[:axis].count(DYNAMIC_INDEX)
    match buffer.owner:
        case memref.ViewOp() as op:
            return op.sizes[number]
        case memref.AllocOp() as op:
            return op.dynamic_sizes[number]
        case memref.ExpandShapeOp() as op:
            return op.output_shape[number]
        case memref.CastOp(source=source):
            return size_of(source, axis)
        case memref.CollapseShapeOp(src=source, reassociation=groups):
            first, *others = (size_of(source, part.value.data) for part in groups.data[axis])
            return reduce(_product, others, first)
        case _:
            return memref.DimOp(buffer, arith.ConstantOp(IntegerAttr(axis, IndexType())).result).result


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
