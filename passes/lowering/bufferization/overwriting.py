"""Whether an operation may overwrite a tensor: nobody may need it any more."""

from __future__ import annotations

from xdsl.dialects.builtin import UnitAttr
from xdsl.dialects.func import CallOp
from xdsl.dialects.linalg.ops import GenericOp
from xdsl.dialects.tensor import EmptyOp
from xdsl.ir import BlockArgument, Operation, SSAValue, Use

from rlxc.dialects.kernel import KernelCallOp, KernelMatmulOp
from rlxc.passes.arguments import argument_attributes
from rlxc.passes.attribute_names import DONATED
from rlxc.passes.lowering.bufferization.order import ProgramOrder, block_of, loops_around
from rlxc.passes.lowering.bufferization.sharing import accesses, allocation, version, views_of


def may_overwrite(value: SSAValue, op: Operation, index: int, order: ProgramOrder) -> bool:
    """Whether `op` may overwrite `value` if that is, or becomes, its operand `index`.

    All other reads of the version must come before, in each iteration of each loop, so that
    no loop around `op` may leave the version in place for its next iteration.
    """
    current = version(value)
    return (
        is_writable(allocation(value))
        and set(loops_around(op.parent)) <= set(loops_around(block_of(current)))
        and all(_allows(use, value, op, index, order) for alias in views_of(current) for use in accesses(alias))
    )


def is_writable(root: SSAValue) -> bool:
    """Whether the function owns an allocation."""
    if isinstance(root, BlockArgument):
        return argument_attributes(root).get(DONATED) == UnitAttr()
    return isinstance(root.owner, EmptyOp | CallOp)


def _allows(use: Use, value: SSAValue, op: Operation, index: int, order: ProgramOrder) -> bool:
    """Whether a use of the version does not see that `op` overwrites it."""
    if use.operation is not op:
        return order.time(use.operation) < order.time(op)
    return use.index == index or (op.operands[use.index] is value and _reads_same_element(op, use.index, index))


def _reads_same_element(op: Operation, index: int, destination: int) -> bool:
    """Whether each step reads an operand just where it writes the destination, and no two steps write one element."""
    match op:
        case GenericOp():
            read, written = op.indexing_maps.data[index].data, op.indexing_maps.data[destination].data
            return read == written and written.is_projected_permutation() and len(written.results) == written.num_dims
        case KernelMatmulOp():
            return index == residual_index(op) and destination == len(op.inputs)
        case KernelCallOp():
            # The called function has both as one argument.
            return True
        case _:
            return False


def residual_index(op: KernelMatmulOp) -> int | None:
    """The index of the residual, which is the last input of a projection."""
    return None if op.residual is None else len(op.inputs) - 1
