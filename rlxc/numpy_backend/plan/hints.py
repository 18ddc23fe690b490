"""What to call a value: its own name hint, or one of what it becomes or was made from."""

from __future__ import annotations

from xdsl.dialects import scf, tensor
from xdsl.dialects.builtin import ArrayAttr, FusedLoc, NameLoc
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import Attribute, Operation, SSAValue

from rlxc.numpy_backend.arrays.structure import Structure

VIEWS = (tensor.ExpandShapeOp, tensor.CollapseShapeOp, tensor.ExtractSliceOp, tensor.CastOp)


def hint_of(value: SSAValue) -> str:
    """A word for a variable."""
    return value.name_hint or _later_hint(value) or _earlier_hint(value)


def source_of(op: Operation) -> str | None:
    """The source operation that `op` was made from: the name in its location."""
    return _name_in(op.location)


def _later_hint(value: SSAValue) -> str | None:
    """The hint of what the value becomes when the rest of it is written, or its axes are packed."""
    users = [use.operation for use in value.uses]
    for user in users:
        becomes = isinstance(user, tensor.InsertSliceOp) and user.dest is value
        if becomes or (len(users) == 1 and isinstance(user, tensor.CollapseShapeOp)):
            result = user.results[0]
            return result.name_hint or _later_hint(result)
    return None


def _earlier_hint(value: SSAValue) -> str:
    match value.owner:
        case linalg.GenericOp() as op:
            return "product" if Structure.of(op).is_contraction else "value"
        case scf.ForOp() as op:
            return hint_of(op.body.block.args[1 + op.results.index(value)])
        case tensor.InsertSliceOp(dest=dest):
            return dest.name_hint or "value"
        case Operation() as op if isinstance(op, VIEWS):
            return hint_of(op.operands[0])
        case _:
            return "value"


def _name_in(location: Attribute) -> str | None:
    match location:
        case NameLoc(desc=name):
            return name.data
        case FusedLoc(locations=ArrayAttr() as locations):
            return next(filter(None, map(_name_in, locations)), None)
        case _:
            return None
