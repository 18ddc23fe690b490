"""Conditions that only a run can decide, as `cf.assert` with a message in the user's words."""

from __future__ import annotations

from xdsl.dialects.cf import AssertOp
from xdsl.ir import Operation
from xdsl.utils.exceptions import PassFailedException

from rlxc.dialects.rlx.base import RlxOperation
from rlxc.dialects.rlx.dimension_names import operands_with_dimensions
from rlxc.dialects.rlx.places import located, source_place
from rlxc.passes.lowering.dims import dim
from rlxc.passes.lowering.scalars import Condition, Scalar, Size


def check(op: Operation, condition: Condition, problem: str) -> None:
    """Assert the condition at run time, unless it is known to hold; `problem` is what is wrong if not.

    Raises PassFailedException if it is known not to hold.
    """
    if isinstance(condition, Scalar):
        AssertOp(condition.value, located(op, problem))
    elif not condition:
        place = source_place(op.location)
        raise PassFailedException(f"{place}: {op.name}: {problem}" if place else f"{op.name}: {problem}")


def check_equal(op: Operation, a: Size, b: Size, problem: str) -> None:
    """Assert that two sizes are equal."""
    check(op, a.equals(b) if isinstance(a, Scalar) else a == b, problem)


def check_shared_dims(op: RlxOperation) -> None:
    """Assert that operands agree on the dimensions that they bind by the same name.

    Static sizes are verified; dynamic ones are compared unless both have the same origin.
    """
    bound: dict[str, tuple[str, Size]] = {}
    for operand, value, names in operands_with_dimensions(op):
        for axis, dimension in enumerate(names):
            size = dim(value, axis)
            first, first_size = bound.setdefault(dimension, (operand, size))
            check_equal(op, first_size, size, f"{first} and {operand} differ in '{dimension}'")
