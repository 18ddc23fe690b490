"""Inserts the copies without which an operation would overwrite a tensor that is still needed."""

from __future__ import annotations

from xdsl.builder import ImplicitBuilder
from xdsl.dialects import scf, tensor
from xdsl.dialects.builtin import NoneAttr, TensorType
from xdsl.dialects.func import FuncOp
from xdsl.dialects.linalg.ops import CopyOp
from xdsl.ir import Block, Operation, SSAValue
from xdsl.utils.hints import isa

from rlxc.dialects.kernel import KernelCallOp, KernelOperation
from rlxc.passes.lowering.bufferization.layouts import buffer_type, collapsed_type, strides_of
from rlxc.passes.lowering.bufferization.order import ProgramOrder
from rlxc.passes.lowering.bufferization.overwriting import may_overwrite
from rlxc.passes.lowering.bufferization.sharing import allocation, destinations, earlier_versions, reads_destination
from rlxc.passes.lowering.dims import dims
from rlxc.passes.lowering.to_linalg.structured import element_type_of, empty


def insert_copies(function: FuncOp, order: ProgramOrder) -> None:
    """Give operations a copy to overwrite where `may_overwrite` does not hold.

    Afterwards every operation may overwrite its destination, every loop yields what lives where the
    loop-carried tensor does, and every collapse_shape is of a tensor whose axes lie densely in memory.
    """
    for op in list(function.body.walk()):
        match op:
            case scf.YieldOp():
                yield_in_place(op, order)
            case tensor.CollapseShapeOp():
                make_dense(op, order)
            case KernelCallOp():
                make_arguments_dense(op, order)
                pass_what_is_overwritten(op, order)
            case KernelOperation():
                make_rows_contiguous(op, order)
                make_overwritable(op, order)
            case _:
                make_overwritable(op, order)


def make_rows_contiguous(op: KernelOperation, order: ProgramOrder) -> None:
    """Copy the inputs whose last axis is a slice with a step: kernels load vectors along it."""
    for index, value in enumerate(op.inputs):
        if isa(value.type, TensorType) and strides_of(buffer_type(value))[-1:] not in ((1,), ()):
            op.operands[index] = copy(value, op, order)


def make_arguments_dense(op: KernelCallOp, order: ProgramOrder) -> None:
    """Copy the arguments that are slices: a function takes whole arrays."""
    for index, value in enumerate(op.arguments):
        if isa(value.type, TensorType) and not isinstance(buffer_type(value).layout, NoneAttr):
            op.operands[index] = copy(value, op, order)


def pass_what_is_overwritten(op: KernelCallOp, order: ProgramOrder) -> None:
    """Make results that lie in arguments overwritable: a copy is passed, and overwritten, where they are not."""
    passed = list(op.arguments)
    before = {index: op.operands[index] for index in destinations(op)}
    make_overwritable(op, order)
    for index, value in before.items():
        for place in (place for place, argument in enumerate(passed) if argument is value):
            op.operands[place] = op.operands[index]


def make_overwritable(op: Operation, order: ProgramOrder) -> None:
    """Replace the destinations that the operation must not overwrite."""
    for index in destinations(op):
        value = op.operands[index]
        if not isinstance(value.owner, tensor.EmptyOp) and not may_overwrite(value, op, index, order):
            op.operands[index] = (copy if reads_destination(op, index) else new_memory)(value, op, order)


def make_dense(op: tensor.CollapseShapeOp, order: ProgramOrder) -> None:
    """Copy the source if its axes, spread out in memory, cannot be seen as fewer ones."""
    if collapsed_type(buffer_type(op.src), op.result.type, op.reassociation) is None:
        op.operands[0] = copy(op.src, op, order)


def yield_in_place(op: scf.YieldOp, order: ProgramOrder) -> None:
    """Copy what the loop yields to where the loop-carried tensors live, unless it is there."""
    loop = op.parent_op()
    if not isinstance(loop, scf.ForOp):
        return
    moved = {
        index: carried
        for index, carried in enumerate(loop.body.block.args[1:])
        if isa(carried.type, TensorType) and carried not in earlier_versions(op.operands[index])
    }
    # First out of the way of the copies below, of which each overwrites a loop-carried tensor.
    homes = {allocation(carried) for carried in loop.body.block.args[1:] if isa(carried.type, TensorType)}
    for index in moved:
        if allocation(op.operands[index]) in homes:
            op.operands[index] = copy(op.operands[index], op, order)
    for index, carried in moved.items():
        op.operands[index] = copy_into(carried, op.operands[index], op, order)


def copy(value: SSAValue, op: Operation, order: ProgramOrder) -> SSAValue:
    """A copy of `value` in memory of its own, made right before `op`."""
    copied = copy_into(new_memory(value, op, order), value, op, order)
    copied.name_hint = value.name_hint
    return copied


def copy_into(destination: SSAValue, value: SSAValue, op: Operation, order: ProgramOrder) -> SSAValue:
    """`destination` overwritten by `value`, right before `op`."""
    copied = CopyOp((value,), (destination,))
    copied.location = op.location
    order.insert_before(op, [copied])
    return copied.res[0]


def new_memory(value: SSAValue, op: Operation, order: ProgramOrder) -> SSAValue:
    """A tensor like `value` without contents, made right before `op`."""
    made = Block()
    with ImplicitBuilder(made):
        memory = empty(dims(value), element_type_of(value))
    new = list(made.ops)
    for each in new:
        each.detach()
    order.insert_before(op, new)
    return memory
