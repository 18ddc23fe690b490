"""Which values an operation reads when it is printed: not the sizes, nor the tensors that are only filled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from xdsl.dialects import scf, tensor
from xdsl.dialects.builtin import IndexType, IntegerType, TensorType, i1
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import BlockArgument, Operation, SSAValue
from xdsl.utils.hints import isa

from rlxc.passes.lowering.dims import Dim, dim_source, size_source

NEW_TENSORS = (tensor.EmptyOp, linalg.FillOp)
"""Operations whose result is written where it is used: `np.empty`, `np.full`."""


def is_new(value: SSAValue) -> bool:
    """Whether the value is a tensor without contents of its own."""
    return isinstance(value.owner, NEW_TENSORS)


def is_tensor(value: SSAValue) -> bool:
    """Whether the value is a ranked tensor."""
    return isa(value.type, TensorType)


def is_scalar_operation(op: object) -> bool:
    """Whether `op` computes a scalar from scalars: it is printed wherever its result is read."""
    return (
        isinstance(op, Operation)
        and op.name.startswith(("arith.", "math."))
        and not any(map(is_tensor, (*op.operands, *op.results)))
    )


def reads(op: Operation) -> list[SSAValue]:
    """The tensors and named scalars that `op` reads, once for each time that it names them."""
    if isinstance(op, linalg.GenericOp):
        return list(_generic_reads(op))
    if isinstance(op, scf.ForOp):
        return list(_leaves(op.iter_args))
    return list(_leaves(op.operands))


def _generic_reads(op: linalg.GenericOp) -> Iterator[SSAValue]:
    """The inputs for each use of their elements, and what the body takes from outside."""
    values = (*op.inputs, *op.outputs)
    for value, element in zip(values, op.body.block.args, strict=True):
        if not is_new(value):
            yield from _leaves([value] * len(list(element.uses)))
    for inner in op.body.block.ops:
        yield from _leaves(operand for operand in inner.operands if _is_outside(operand, op))


def _is_outside(value: SSAValue, op: linalg.GenericOp) -> bool:
    owner = value.owner
    block = owner.parent if isinstance(owner, Operation) else owner
    return block is not op.body.block


def _leaves(values: Iterable[SSAValue]) -> Iterator[SSAValue]:
    """The values themselves, or those that scalars are computed from."""
    for value in values:
        if is_tensor(value):
            yield value
        elif isinstance(value, BlockArgument) or not is_scalar_operation(value.owner):
            yield from _dim_reads(value.owner) if isinstance(value.owner, tensor.DimOp) else (value,)
        else:
            assert isinstance(value.owner, Operation)
            yield from _leaves(value.owner.operands)


def _dim_reads(op: tensor.DimOp) -> Iterator[SSAValue]:
    """The tensor, where its own size is asked for though another tensor should have the same."""
    axis = size_source(op.index)
    if isinstance(axis, int) and dim_source(op.source, axis) != Dim(op.source, axis):
        yield op.source


def is_size(value: SSAValue) -> bool:
    """Whether the value is a number of an integer type, but not a condition."""
    return isa(value.type, IndexType | IntegerType) and value.type != i1
