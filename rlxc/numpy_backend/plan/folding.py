"""Which operations are printed inside the one that reads them, and not on a line of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from xdsl.dialects import scf, tensor
from xdsl.dialects.builtin import UNKNOWN_LOC
from xdsl.dialects.cf import AssertOp
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import Operation, SSAValue

from rlxc.numpy_backend.arrays.structure import Operand, Structure
from rlxc.numpy_backend.arrays.views import RESHAPES, shape_of
from rlxc.numpy_backend.plan.cost import MOST, VIEWS, cost
from rlxc.numpy_backend.plan.reads import is_tensor

FOLDABLE = (linalg.GenericOp, *VIEWS, tensor.ExtractOp)


def folded_operations(operations: Iterable[Operation], readers: Mapping[SSAValue, list[Operation]]) -> set[Operation]:
    """The operations to fold, of those given in program order; `readers` lists the reads of each value."""
    folded: set[Operation] = set()
    costs: dict[Operation, int] = {}
    for op in operations:
        costs[op] = costs.get(op, 0) + cost(op)
        reads = readers.get(op.results[0], []) if len(op.results) == 1 else []
        if len(reads) == 1 and is_foldable(op, reads[0]) and costs[op] + cost(reads[0]) <= MOST:
            folded.add(op)
            costs[reads[0]] = costs.get(reads[0], 0) + costs[op]
        elif isinstance(op, tensor.CastOp):
            folded.add(op)
    return folded


def is_foldable(op: Operation, reader: Operation) -> bool:
    """Whether the text of `op` reads well inside that of its only reader."""
    if not isinstance(op, FOLDABLE) or op.parent is not reader.parent or not _same_source(op, reader):
        return False
    if isinstance(op, linalg.GenericOp) and isinstance(op.parent_op(), scf.ForOp):
        # In a loop, each operation updates an array in place where it can, on a line of its own.
        return False
    result = op.results[0]
    match reader:
        case tensor.InsertSliceOp():
            return result is reader.source
        case tensor.ExpandShapeOp() | tensor.CollapseShapeOp():
            return True
        case tensor.ExtractSliceOp():
            return isinstance(op, RESHAPES)
        case tensor.ExtractOp() | AssertOp():
            return not is_tensor(result) or not shape_of(result)
        case linalg.GenericOp():
            return _stands_plain(result, Structure.of(reader))
        case _:
            return False


def _stands_plain(value: SSAValue, reader: Structure) -> bool:
    """Whether a generic reads the value without moving its axes, or broadcasting anything but a reduction."""
    if reader.is_contraction:
        return False
    operand = next((operand for operand in reader.inputs if operand.value is value), None)
    if operand is None or None in operand.axes or list(operand.loops) != sorted(operand.loops, key=reader.order.index):
        return False
    return _is_reduction(value) or _is_trailing(operand, reader)


def _is_reduction(value: SSAValue) -> bool:
    return isinstance(value.owner, linalg.GenericOp) and bool(Structure.of(value.owner).reductions)


def _is_trailing(operand: Operand, reader: Structure) -> bool:
    return reader.order[len(reader.order) - len(operand.loops) :] == operand.loops


def _same_source(op: Operation, reader: Operation) -> bool:
    return op.location == reader.location or UNKNOWN_LOC in (op.location, reader.location)
