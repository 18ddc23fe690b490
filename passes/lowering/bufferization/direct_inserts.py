"""Computes what is inserted into a tensor right in its place there, instead of elsewhere and copied."""

from __future__ import annotations

from xdsl.dialects import tensor
from xdsl.dialects.func import FuncOp
from xdsl.ir import Block, Operation, SSAValue, Use
from xdsl.rewriter import Rewriter

from rlxc.dialects.kernel import KernelCallOp
from rlxc.passes.lowering.bufferization.order import ProgramOrder
from rlxc.passes.lowering.bufferization.placement import Allocation
from rlxc.passes.lowering.bufferization.sharing import (
    accesses,
    allocation,
    earlier_versions,
    overwritten,
    readable_name,
    residents,
    view_source,
)
from rlxc.passes.lowering.bufferization.slices import Slice


def insert_directly(function: FuncOp, order: ProgramOrder) -> None:
    """Turn the allocation of what is inserted into a slice of the destination, wherever nobody can tell.

    ```mlir
    %init = tensor.empty() : tensor<2xf32>
    %x = linalg.fill ins(%c : f32) outs(%init : tensor<2xf32>) -> tensor<2xf32>
    %y = tensor.insert_slice %x into %to[0] [2] [1] : tensor<2xf32> into tensor<4xf32>
    ```
    becomes the same with `%init = tensor.extract_slice %to[0] [2] [1]`; `is_direct` then holds for the insertion.
    """
    for op in [op for op in function.walk() if isinstance(op, tensor.InsertSliceOp)]:
        made = Allocation.of(op.source)
        if made is not None and not made.reshapes and _is_only_for(made.empty, op, order):
            base = _base_before(op.dest, made.empty, order)
            if base is not None and not _is_seen(op, made.empty, order):
                _compute_in(base, made.empty, op, order)


def is_direct(op: tensor.InsertSliceOp) -> bool:
    """Whether the source was computed in its place, so that there is nothing to copy."""
    *_, place = earlier_versions(op.source)
    return (
        isinstance(place.owner, tensor.ExtractSliceOp)
        and Slice.of(place.owner) == Slice.of(op)
        and place.owner.source in earlier_versions(op.dest)
    )


def _is_only_for(memory: tensor.EmptyOp, op: tensor.InsertSliceOp, order: ProgramOrder) -> bool:
    """Whether what lives in `memory` is accessed up to `op` only, in the same block, and seen with all its axes."""
    if memory.parent is not op.parent or any(_computed_after(index, memory, order) for index in Slice.of(op).operands):
        return False
    values = list(residents(memory.tensor))
    users = [use.operation for value in values for use in accesses(value)]
    # A slice is no whole array, and its axes cannot be seen as fewer ones.
    return max(map(order.time, users)) == order.time(op) and not (
        any(isinstance(user, KernelCallOp) for user in users)
        or any(isinstance(value.owner, tensor.CollapseShapeOp) for value in values)
    )


def _computed_after(value: SSAValue, op: Operation, order: ProgramOrder) -> bool:
    """Whether a value is not there yet when `op` runs."""
    owner = value.owner
    return isinstance(owner, Operation) and owner.parent is op.parent and order.time(owner) > order.time(op)


def _base_before(destination: SSAValue, memory: tensor.EmptyOp, order: ProgramOrder) -> SSAValue | None:
    """The latest version of the destination that is there, or can be, before `memory` is made."""
    base: SSAValue = destination
    while _computed_after(base, memory, order):
        if isinstance(base.owner, tensor.EmptyOp):
            if any(_computed_after(size, memory, order) for size in base.owner.dynamic_sizes):
                return None
            order.move_before(memory, base.owner)
        elif (before := overwritten(base)) is not None:
            base = before
        else:
            return None
    return base


def _is_seen(op: tensor.InsertSliceOp, memory: tensor.EmptyOp, order: ProgramOrder) -> bool:
    """Whether the place of `op` may be accessed by others between `memory` and `op`."""
    place, block = Slice.of(op), op.parent
    assert block is not None
    for value in residents(allocation(op.dest)):
        for use in accesses(value):
            if _is_between(memory, use, op, block, order):
                accessed = _accessed_part(use)
                if accessed is None or not place.is_disjoint(accessed):
                    return True
    return False


def _is_between(first: Operation, use: Use, last: Operation, block: Block, order: ProgramOrder) -> bool:
    ancestor = block.find_ancestor_op_in_block(use.operation)
    return ancestor is not None and order.time(first) < order.time(ancestor) < order.time(last)


def _accessed_part(use: Use) -> Slice | None:
    """The slice of its allocation that a use accesses; None if it is all of it or not known."""
    op, value = use.operation, use.operation.operands[use.index]
    if isinstance(op, tensor.InsertSliceOp) and use.index == 1:
        return Slice.of(op) if _is_unsliced(value) else None
    *_, place = earlier_versions(value)
    if isinstance(place.owner, tensor.ExtractSliceOp) and _is_unsliced(place.owner.source):
        return Slice.of(place.owner)
    return None


def _is_unsliced(value: SSAValue) -> bool:
    """Whether a value lies in memory as its allocation does."""
    *_, first = earlier_versions(value)
    return view_source(first) is None


def _compute_in(base: SSAValue, memory: tensor.EmptyOp, op: tensor.InsertSliceOp, order: ProgramOrder) -> None:
    part = Slice.of(op)
    place = tensor.ExtractSliceOp(base, part.offsets, part.sizes, part.strides, memory.tensor.type)
    place.location = memory.location
    place.result.name_hint = readable_name(memory.tensor)
    order.insert_before(memory, [place])
    memory.tensor.replace_all_uses_with(place.result)
    Rewriter.erase_op(memory)
