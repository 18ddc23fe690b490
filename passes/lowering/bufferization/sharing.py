"""Which tensors share memory.

A *view* (slice, reshape, cast) lives where its source lives. An operation with a *destination* (the `outs` of a
structured operation or a kernel, the `dest` of insert_slice, the initial value of a loop) overwrites it, and its
result lives where the destination lived. So each tensor belongs to one *allocation*, found by walking up: a
`tensor.empty`, an argument, a constant. A *version* is an allocation between two overwrites.
"""

from __future__ import annotations

from collections.abc import Iterator

from xdsl.dialects import scf, tensor
from xdsl.dialects.builtin import TensorType
from xdsl.dialects.linalg.abstract_ops import LinalgStructuredOperation
from xdsl.dialects.linalg.ops import CopyOp, FillOp, GenericOp
from xdsl.ir import BlockArgument, Operation, OpResult, SSAValue, Use
from xdsl.utils.hints import isa

from rlxc.dialects.kernel import KernelCallOp, KernelOperation

VIEWS = (tensor.ExtractSliceOp, tensor.ExpandShapeOp, tensor.CollapseShapeOp, tensor.CastOp)
"""Operations whose result lives in the memory of their first operand."""


def destinations(op: Operation) -> dict[int, SSAValue]:
    """The result of each operand that the operation overwrites, by the index of the operand."""
    match op:
        case LinalgStructuredOperation() | KernelOperation():
            first, results = len(op.inputs), op.results
        case tensor.InsertSliceOp():
            first, results = 1, op.results
        case scf.ForOp():
            first, results = 3, op.results
        case _:
            return {}
    return {first + n: result for n, result in enumerate(results) if isa(result.type, TensorType)}


def reads_destination(op: Operation, index: int) -> bool:
    """Whether the operation needs what its destination holds."""
    match op:
        case KernelCallOp():
            return op.operands[index] in op.arguments
        case FillOp() | CopyOp() | KernelOperation():
            return False
        case GenericOp():
            return op.body.block.args[index].first_use is not None
        case _:
            return True


def overwritten(value: SSAValue) -> SSAValue | None:
    """The tensor whose memory `value` takes over, if it is the result of an operation with a destination."""
    if isinstance(value, OpResult):
        owners = destinations(value.op).items()
        return next((value.op.operands[index] for index, result in owners if result is value), None)
    assert isinstance(value, BlockArgument)
    loop = value.block.parent_op()
    return loop.iter_args[value.index - 1] if isinstance(loop, scf.ForOp) and value.index > 0 else None


def view_source(value: SSAValue) -> SSAValue | None:
    """The tensor that `value` is a view of."""
    return value.owner.operands[0] if isinstance(value.owner, VIEWS) else None


def origins(value: SSAValue) -> Iterator[SSAValue]:
    """The tensors from `value` up to its allocation, which live in one place, and at last the allocation itself."""
    found: SSAValue | None = value
    while found is not None:
        yield found
        found = view_source(found) or overwritten(found)


def earlier_versions(value: SSAValue) -> Iterator[SSAValue]:
    """`value` and the tensors that it overwrote: all of the same shape, at exactly the same place."""
    found: SSAValue | None = value
    while found is not None:
        yield found
        found = overwritten(found)


def allocation(value: SSAValue) -> SSAValue:
    """Where `value` lives: a `tensor.empty`, an argument, a constant."""
    *_, root = origins(value)
    return root


def version(value: SSAValue) -> SSAValue:
    """The tensor that `value` is a view of, or `value` itself."""
    while (source := view_source(value)) is not None:
        value = source
    return value


def views_of(value: SSAValue) -> Iterator[SSAValue]:
    """`value` and the views of it, direct or not."""
    yield value
    for use in value.uses:
        if isinstance(use.operation, VIEWS):
            yield from views_of(use.operation.results[0])


def residents(root: SSAValue, *, slices: bool = True) -> Iterator[SSAValue]:
    """All tensors that live where `root` does and come from it, with or without slices of it."""
    found = [root]
    for value in found:
        yield value
        successors = (successor for use in value.uses for successor in _successors(use))
        found += [
            successor
            for successor in successors
            if successor not in found and (slices or not isinstance(successor.owner, tensor.ExtractSliceOp))
        ]


def accesses(value: SSAValue) -> Iterator[Use]:
    """The uses that read or write `value` itself."""
    return (use for use in value.uses if not isinstance(use.operation, (*VIEWS, tensor.DimOp)))


def readable_name(value: SSAValue) -> str | None:
    """The name of a tensor; for memory without contents, that of the first tensor which fills it."""
    if value.name_hint is not None and not isinstance(value.owner, tensor.EmptyOp):
        return value.name_hint
    _, *tenants = residents(value, slices=False)
    names = (tenant.name_hint for tenant in tenants if isinstance(tenant, OpResult))
    return next((name for name in names if name is not None), value.name_hint)


def _successors(use: Use) -> list[SSAValue]:
    op = use.operation
    if isinstance(op, VIEWS):
        return [op.results[0]]
    if use.index not in destinations(op):
        return []
    result = destinations(op)[use.index]
    return [result, op.body.block.args[use.index - 2]] if isinstance(op, scf.ForOp) else [result]
