"""Values of a called function, computed in its caller: from what the call passes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from xdsl.dialects import memref, tensor
from xdsl.ir import BlockArgument, Operation, SSAValue

from rlxc.passes.lowering.dims import size_source

SizeOf = Callable[[SSAValue, int], SSAValue]
"""Creates the size of an axis of a value."""


def copy_values(
    operations: Sequence[Operation], passed: Mapping[SSAValue, SSAValue], size_of: SizeOf
) -> dict[SSAValue, SSAValue]:
    """Create copies of operations of a called function; what its values, arguments included, are in the caller."""
    values = dict(passed)
    for op in operations:
        if (measured := measured_argument(op)) is not None:
            argument, axis = measured
            values[op.results[0]] = size_of(passed[argument], axis)
        else:
            copied = op.clone(values)
            copied.location = op.location
    return values


def leaves(operations: Sequence[Operation]) -> list[tuple[BlockArgument, int | None]]:
    """What operations take of the arguments of their function: the size of an axis, or all of an argument."""
    found: dict[tuple[BlockArgument, int | None], None] = {}
    for op in operations:
        if (measured := measured_argument(op)) is not None:
            found[measured] = None
        else:
            for operand in (operand for inner in op.walk() for operand in inner.operands):
                if isinstance(operand, BlockArgument) and operand.block is op.parent:
                    found[operand, None] = None
    return list(found)


def measured_argument(op: Operation) -> tuple[BlockArgument, int] | None:
    """The argument of the function, and its axis, whose size an operation reads."""
    if not isinstance(op, tensor.DimOp | memref.DimOp) or not isinstance(op.source, BlockArgument):
        return None
    axis = size_source(op.index)
    return (op.source, axis) if isinstance(axis, int) and op.source.block is op.parent else None
