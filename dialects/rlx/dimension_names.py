"""The names that an operation's definition gives to the dimensions of its operands and results."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from functools import cache
from typing import cast

from xdsl.ir import OpResult, SSAValue
from xdsl.irdl import IntVarConstraint, IRDLOperation

from rlxc.dialects.rlx.base import RlxOperation
from rlxc.dialects.rlx.constraints import Dims


def operands_with_dimensions(op: RlxOperation) -> Iterator[tuple[str, SSAValue, tuple[str, ...]]]:
    """The name, the value and the dimension names of each tensor operand that is there."""
    for name, dimensions in dimension_names(type(op)).items():
        value = getattr(op, name)
        if value is not None:
            yield name, value, dimensions


def operand_dimension_like(result: OpResult, axis: int) -> tuple[SSAValue, int] | None:
    """The operand, and its axis, of which an axis of a result of an `rlx` operation has the size; None if none has."""
    op = result.op
    assert isinstance(op, RlxOperation)
    wanted = result_dimension_names(type(op)).get(result.index, ())[axis : axis + 1]
    for _, value, names in operands_with_dimensions(op):
        if wanted and wanted[0] in names:
            return value, names.index(wanted[0])
    return None


@cache
def dimension_names(op_type: type[IRDLOperation]) -> Mapping[str, tuple[str, ...]]:
    """The names of the dimensions of each tensor operand; "" for one that has no name."""
    operands = op_type.get_irdl_definition().operands
    return {name: names for name, operand in operands if (names := _names(operand.constr)) is not None}


@cache
def result_dimension_names(op_type: type[IRDLOperation]) -> Mapping[int, tuple[str, ...]]:
    """The names of the dimensions of each result that has any, by the number of the result."""
    results = op_type.get_irdl_definition().results
    return {number: names for number, (_, one) in enumerate(results) if (names := _names(one.constr)) is not None}


def _names(constraint: object) -> tuple[str, ...] | None:
    dims = _find_dims(constraint)
    return None if dims is None else tuple(dim.name if isinstance(dim, IntVarConstraint) else "" for dim in dims.dims)


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
