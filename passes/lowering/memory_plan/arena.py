"""Puts a memory plan into effect: one allocation, of which each buffer is a part."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import TypeAlias

from xdsl.builder import ImplicitBuilder
from xdsl.dialects import arith, memref
from xdsl.dialects.builtin import DYNAMIC_INDEX, IntegerAttr, MemRefType, i8, i64
from xdsl.dialects.func import FuncOp
from xdsl.ir import Attribute, Block, Operation, SSAValue
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.utils.hints import isa

from rlxc.passes.lowering.entry_values import EntryValues
from rlxc.passes.lowering.memory_plan.plan import ALIGNMENT, End, MemoryPlan, Region, round_up
from rlxc.passes.lowering.memory_plan.planning import arena_point


def allocate_arena(function: FuncOp, plan: MemoryPlan) -> None:
    """Replace the allocations of the plan by views of one arena, and free what is allocated.

    ```mlir
    %x = memref.alloc(%B) : memref<?x16xf32>
    ```
    becomes
    ```mlir
    %arena = memref.alloc(%bytes) {alignment = 64} : memref<?xi8>
    %x = memref.view %arena[%x_offset][%B] : memref<?xi8> to memref<?x16xf32>
    ...
    memref.dealloc %arena : memref<?xi8>
    ```
    """
    for buffer in plan.apart:
        free_at_end(buffer.op.memref)
    if not plan.regions:
        return
    start, made, layout = arena_point(function), Block(), _Layout(plan, EntryValues(function))
    with ImplicitBuilder(made):
        offsets, size = layout.place(), layout.size()
        size.name_hint = size.name_hint or "arena_bytes"
        arena = memref.AllocOp((size,), (), _BYTES, IntegerAttr(ALIGNMENT, i64)).memref
    arena.name_hint = "arena"
    Rewriter.inline_block(made, InsertPoint.before(start))
    for op, offset in offsets.items():
        _replace(op, arena, offset)
    free_at_end(arena)


_BYTES = MemRefType(i8, [DYNAMIC_INDEX])


class _Layout:
    """Creates the arithmetic of an arena: where each region starts, each buffer lies, and all of it ends."""

    def __init__(self, plan: MemoryPlan, values: EntryValues):
        self._plan, self._values = plan, values
        self._computed: dict[tuple[type[_Arithmetic], SSAValue, SSAValue], SSAValue] = {}
        self._starts: list[SSAValue] = []

    def place(self) -> dict[memref.AllocOp, SSAValue]:
        """The offset of each buffer."""
        offsets: dict[memref.AllocOp, SSAValue] = {}
        for region in self._plan.regions:
            self._starts.append(start := self._last(region.above))
            for placement in region.placements:
                inside = self._span(placement.offset, region, placement.level * ALIGNMENT)
                offset = self._compute(arith.AddiOp, start, inside)
                offset.name_hint = offset.name_hint or f"{placement.buffer.name}_offset"
                offsets[placement.buffer.op] = offset
        return offsets

    def size(self) -> SSAValue:
        """The size of the arena, once all buffers are placed."""
        return self._last(self._plan.ends)

    def _last(self, ends: Sequence[End]) -> SSAValue:
        """The last of some places."""
        places = [
            self._compute(arith.AddiOp, self._starts[end.region], self._span(end.units, region, end.slack))
            for end in ends
            for region in (self._plan.regions[end.region],)
        ]
        return reduce(lambda a, b: self._compute(arith.MaxUIOp, a, b), places or [self._values.constant(0)])

    def _span(self, units: int, region: Region, extra: int) -> SSAValue:
        """`units` of the region in bytes, rounded up to a multiple of the alignment, and `extra` bytes."""
        if units == 0 or not region.factors:
            return self._values.constant(round_up(units) + extra)
        factors = (*region.factors, self._values.constant(units))
        size = reduce(lambda a, b: self._compute(arith.MuliOp, a, b), factors)
        if units % ALIGNMENT:
            alignment, rest = self._values.constant(ALIGNMENT), self._values.constant(ALIGNMENT - 1)
            lines = self._compute(arith.DivUIOp, self._compute(arith.AddiOp, size, rest), alignment)
            size = self._compute(arith.MuliOp, lines, alignment)
        return self._compute(arith.AddiOp, size, self._values.constant(extra))

    def _compute(self, operation: type[_Arithmetic], a: SSAValue, b: SSAValue) -> SSAValue:
        """The result of an operation, made once; nothing is made to add zero."""
        if operation is arith.AddiOp and self._values.constant(0) in (a, b):
            return b if a is self._values.constant(0) else a
        if (operation, a, b) not in self._computed:
            self._computed[operation, a, b] = operation(a, b).result
        return self._computed[operation, a, b]


_Arithmetic: TypeAlias = arith.AddiOp | arith.MuliOp | arith.DivUIOp | arith.MaxUIOp


def _replace(op: memref.AllocOp, arena: SSAValue, offset: SSAValue) -> None:
    kind = op.memref.type
    assert isa(kind, MemRefType[Attribute])
    view = memref.ViewOp(arena, offset, op.dynamic_sizes, kind)
    view.location, view.result.name_hint = op.location, op.memref.name_hint
    Rewriter.replace_op(op, view)


def free_at_end(buffer: SSAValue) -> None:
    """Free a buffer before the end of the block that allocates it."""
    assert isinstance(buffer.owner, Operation)
    block = buffer.owner.parent
    assert block is not None
    assert block.last_op is not None
    Rewriter.insert_op(memref.DeallocOp.get(buffer), InsertPoint.before(block.last_op))
