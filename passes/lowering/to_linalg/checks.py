"""Conditions that only a run can decide, as `cf.assert` with a message in the user's words."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from functools import cache
from typing import cast

from xdsl.dialects.cf import AssertOp
from xdsl.ir import Operation, SSAValue
from xdsl.irdl import IntVarConstraint, IRDLOperation

from rlxc.dialects.rlx.base import RlxOperation
from rlxc.dialects.rlx.constraints import Dims
from rlxc.passes.lowering.dims import dim
from rlxc.passes.lowering.scalars import Condition, Scalar, Size, truth
from rlxc.passes.remarks import source_place


def check(op: Operation, condition: Condition, problem: str) -> None:
    """Assert the condition at run time, unless it is known to hold; `problem` is what is wrong if not."""
    if condition is not True:
        place = source_place(op.location)
        AssertOp(truth(condition).value, f"{op.name} at {place}: {problem}" if place else f"{op.name}: {problem}")


def check_equal(op: Operation, a: Size, b: Size, problem: str) -> None:
    """Assert that two sizes are equal."""
    check(op, a.equals(b) if isinstance(a, Scalar) else a == b, problem)


def check_shared_dims(op: RlxOperation) -> None:
    """Assert that operands agree on the dimensions that they bind by the same name.

    Static sizes are verified; dynamic ones are compared unless both have the same origin.
    """
    bound: dict[str, tuple[str, Size]] = {}
    for operand, value, names in _operands_with_dims(op):
        for axis, dimension in enumerate(names):
            size = dim(value, axis)
            first, first_size = bound.setdefault(dimension, (operand, size))
            check_equal(op, first_size, size, f"{first} and {operand} differ in '{dimension}'")


def _operands_with_dims(op: RlxOperation) -> Iterator[tuple[str, SSAValue, tuple[str, ...]]]:
    for name, names in _dimension_names(type(op)).items():
        value = getattr(op, name)
        if value is not None:
            yield name, value, names


@cache
def _dimension_names(op_type: type[IRDLOperation]) -> dict[str, tuple[str, ...]]:
    """The names of the dimensions of each tensor operand, from the operation's definition."""
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
        return next(filter(None, map(_find_dims, cast(tuple[object, ...], constraint))), None)
    if dataclasses.is_dataclass(constraint) and not isinstance(constraint, type):
        fields = (getattr(constraint, field.name) for field in dataclasses.fields(constraint))
        return next(filter(None, map(_find_dims, fields)), None)
    return None
