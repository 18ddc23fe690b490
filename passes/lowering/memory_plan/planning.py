"""Makes the memory plan of a function on memrefs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from xdsl.dialects.func import FuncOp
from xdsl.dialects.memref import AllocOp
from xdsl.ir import BlockArgument, Operation, SSAValue

from rlxc.passes.lowering.memory_plan.lifetimes import Lifetimes
from rlxc.passes.lowering.memory_plan.packing import Block, height, levels, pack
from rlxc.passes.lowering.memory_plan.plan import Buffer, MemoryPlan, Placement, Region, round_up
from rlxc.passes.lowering.memory_plan.sizes import Product, size_in_bytes

_Factors = tuple[SSAValue, ...]


def plan_memory(function: FuncOp) -> MemoryPlan:
    """Decide where each `memref.alloc` of the function lies in one arena that is made before the first of them.

    Buffers whose sizes are multiples of the same product of dimensions share a region, in which those that are
    not alive at the same time may lie at the same place. A buffer that a loop makes in each iteration is
    made once, as large as its size is bounded to be (see `size_in_bytes`).
    """
    lifetimes, groups = Lifetimes(function), defaultdict[_Factors, list[Buffer]](list)
    apart: list[Buffer] = []
    for op in allocations(function):
        size = size_in_bytes(op)
        if size is None or not _is_known(size, at=arena_point(function)):
            apart.append(_buffer(op, 0, lifetimes))
        else:
            groups[_sorted(size.factors)].append(_buffer(op, size.coefficient, lifetimes))
    names = unique_names(value for factors in groups for value in factors)
    regions = [_region(factors, names, groups[factors]) for factors in sorted(groups, key=len)]
    return MemoryPlan(function.sym_name.data, tuple(regions), tuple(apart))


def allocations(function: FuncOp) -> list[AllocOp]:
    """The temporaries of a function."""
    return [op for op in function.walk() if isinstance(op, AllocOp)]


def arena_point(function: FuncOp) -> Operation | None:
    """The operation of the function's own block that makes, or has in it, the first allocation."""
    block = function.body.block
    return next((block.find_ancestor_op_in_block(op) for op in allocations(function)), None)


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


def _is_known(size: Product, at: Operation | None) -> bool:
    """Whether all factors are computed before an operation of the function's own block."""
    computed = (value.owner for value in size.factors if isinstance(value.owner, Operation))
    return at is not None and all(owner.is_before_in_block(at) for owner in computed)


def _sorted(factors: _Factors) -> _Factors:
    """The same factors in an order that does not depend on how the product is written."""
    return tuple(sorted(factors, key=_position))


def _position(value: SSAValue) -> tuple[int, int]:
    if isinstance(value, BlockArgument):
        return 0, value.index
    owner = value.owner
    assert isinstance(owner, Operation)
    assert owner.parent is not None
    return 1, list(owner.parent.ops).index(owner)


def _buffer(op: AllocOp, size: int, lifetimes: Lifetimes) -> Buffer:
    return Buffer(op.memref.name_hint or "buffer", op, Block(size, *lifetimes.of(op)))


def _region(factors: _Factors, names: Mapping[SSAValue, str], buffers: Sequence[Buffer]) -> Region:
    """Pack the buffers of a region, with sizes rounded up where that costs little and spares slack."""
    exact = [buffer.block for buffer in buffers]
    rounded = [Block(round_up(block.size), block.first, block.last) for block in exact]
    offsets, aligned = pack(exact), pack(rounded)
    if not factors or height(rounded, aligned) * 16 <= height(exact, offsets) * 17:
        placements = [
            Placement(Buffer(buffer.name, buffer.op, block), offset, 0)
            for buffer, block, offset in zip(buffers, rounded, aligned, strict=True)
        ]
    else:
        placements = [Placement(*placed) for placed in zip(buffers, offsets, levels(exact, offsets), strict=True)]
    return Region(factors, tuple(names[value] for value in factors), tuple(placements))
