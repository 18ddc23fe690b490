"""Makes the memory plan of a function on memrefs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from xdsl.dialects.func import FuncOp
from xdsl.dialects.memref import AllocOp
from xdsl.ir import BlockArgument, Operation, SSAValue

from rlxc.passes.lowering.memory_plan.lifetimes import Lifetimes
from rlxc.passes.lowering.memory_plan.packing import Block, height, levels, pack
from rlxc.passes.lowering.memory_plan.plan import ALIGNMENT, Buffer, MemoryPlan, Placement, Region, round_up
from rlxc.passes.lowering.memory_plan.sizes import size_in_bytes
from rlxc.passes.lowering.memory_plan.stacking import ends, stack

_Factors = tuple[SSAValue, ...]


def plan_memory(function: FuncOp) -> MemoryPlan:
    """Decide where each `memref.alloc` of the function lies in one arena that is made before the first of them.

    Buffers whose sizes are multiples of the same product of dimensions share a region, in which those that are
    not alive at the same time may lie at the same place; see `stacking` for regions among each other. A buffer
    that a loop makes in each iteration is made once, as large as its size is bounded to be (see `size_in_bytes`).
    """
    made, lifetimes = allocations(function), Lifetimes(function)
    positions = {op: position for position, op in enumerate(function.body.block.ops)}
    start = arena_point(function)
    groups, apart = defaultdict[_Factors, list[Buffer]](list), list[Buffer]()
    for op in made:
        size = size_in_bytes(op)
        if size is None or any(_position(value, positions) >= positions[start] for value in size.factors):
            apart.append(_buffer(op, 0, lifetimes))
        else:
            factors = tuple(sorted(size.factors, key=lambda value: _position(value, positions)))
            groups[factors].append(_buffer(op, size.coefficient, lifetimes))
    names = unique_names(value for factors in groups for value in factors)
    regions: list[Region] = []
    for factors in sorted(groups, key=len):
        regions += stack(_packed(factors, names, groups[factors]), regions)
    return MemoryPlan(function.sym_name.data, tuple(regions), ends(regions), tuple(apart))


def allocations(function: FuncOp) -> list[AllocOp]:
    """The temporaries of a function."""
    return [op for op in function.walk() if isinstance(op, AllocOp)]


def arena_point(function: FuncOp) -> Operation:
    """The operation of the function's own block that makes, or has in it, the first allocation; the last if none."""
    block = function.body.block
    assert block.last_op is not None
    first = next(iter(allocations(function)), block.last_op)
    found = block.find_ancestor_op_in_block(first)
    assert found is not None
    return found


def unique_names(values: Iterable[SSAValue]) -> dict[SSAValue, str]:
    """A readable name for each value."""
    names: dict[SSAValue, str] = {}
    taken = Counter[str]()
    for value in values:
        if value not in names:
            hint = value.name_hint or "size"
            names[value] = f"{hint}_{taken[hint]}" if taken[hint] else hint
            taken[hint] += 1
    return names


def _position(value: SSAValue, positions: Mapping[Operation, int]) -> int:
    """Where a value is computed, arguments before all else: an order that does not depend on how sizes are written."""
    if isinstance(value, BlockArgument):
        return value.index - len(value.block.args)
    assert isinstance(value.owner, Operation)
    return positions[value.owner]


def _buffer(op: AllocOp, size: int, lifetimes: Lifetimes) -> Buffer:
    return Buffer(op.memref.name_hint or "buffer", op.memref.type, op, Block(size, *lifetimes.of(op)))


def _packed(factors: _Factors, names: Mapping[SSAValue, str], buffers: Sequence[Buffer]) -> Region:
    """Pack the buffers of a region, with sizes rounded up where that costs little and spares slack."""
    blocks = [buffer.block for buffer in buffers]
    rounded = [Block(round_up(block.size), block.first, block.last) for block in blocks]
    offsets, aligned = pack(blocks), pack(rounded)
    if not factors or height(rounded, aligned) * 16 <= height(blocks, offsets) * 17:
        blocks, offsets = rounded, aligned
    above = levels(blocks, offsets) if any(offset % ALIGNMENT for offset in offsets) else [0] * len(offsets)
    sizes = [block.size for block in blocks]
    placements = tuple(Placement(*placed) for placed in zip(buffers, offsets, sizes, above, strict=True))
    return Region(factors, tuple(names[value] for value in factors), placements)
