"""The names that an operation's definition gives to the dimensions of its operands."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from functools import cache
from typing import cast

from xdsl.ir import SSAValue
from xdsl.irdl import IntVarConstraint, IRDLOperation

from rlxc.dialects.rlx.base import RlxOperation
from rlxc.dialects.rlx.constraints import Dims


def operands_with_dimensions(op: RlxOperation) -> Iterator[tuple[str, SSAValue, tuple[str, ...]]]:
    """The name, the value and the dimension names of each tensor operand that is there."""
    for name, dimensions in dimension_names(type(op)).items():
        value = getattr(op, name)
        if value is not None:
            yield name, value, dimensions


@cache
def dimension_names(op_type: type[IRDLOperation]) -> Mapping[str, tuple[str, ...]]:
    """The names of the dimensions of each tensor operand; "" for one that has no name."""
    return {
        name: tuple(dim.name if isinstance(dim, IntVarConstraint) else "" for dim in dims.dims)
        for name, operand in op_type.get_irdl_definition().operands
        if (dims := _find_dims(operand.constr)) is not None
    }


def _find_dims(constraint: object) -> Dims | None:
    """The shape constraint inside a constraint."""
    if isinstance(constraint, Dims):
        return constraint
    if isinstance(constraint, tuple):
        return next(filter(None, map(_find_dims, cast("tuple[object, ...]", constraint))), None)
    if dataclasses.is_dataclass(constraint) and not isinstance(constraint, type):
        fields = (getattr(constraint, field.name) for field in dataclasses.fields(constraint))
        return next(filter(None, map(_find_dims, fields)), None)
    return None
