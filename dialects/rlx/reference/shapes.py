"""Shapes that must agree and are known at run time only: NumPy would broadcast them."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from xdsl.interpreter import Interpreter, PythonValues
from xdsl.ir import Operation, SSAValue
from xdsl.utils.exceptions import InterpretationError

from rlxc.dialects.rlx.base import RlxOperation
from rlxc.dialects.rlx.dimension_names import operands_with_dimensions
from rlxc.dialects.rlx.places import located

Array = NDArray[Any]


class ShapeChecks(Interpreter.Listener):
    """Raises InterpretationError where operands differ in a dimension that they share."""

    def will_interpret_op(self, op: Operation, args: PythonValues) -> None:
        """Check the operands of an operation that is about to run."""
        if isinstance(op, RlxOperation):
            _check_shared_dimensions(op, args)
        elif op.dialect_name() == "arith":
            _check_equal_shapes(op, args)


def _check_shared_dimensions(op: RlxOperation, args: PythonValues) -> None:
    arrays: dict[SSAValue, Array] = dict(zip(op.operands, args, strict=True))
    bound: dict[str, tuple[str, int]] = {}
    for operand, value, names in operands_with_dimensions(op):
        for dimension, size in zip(names, arrays[value].shape, strict=True):
            first, first_size = bound.setdefault(dimension, (operand, size))
            if first_size != size:
                raise InterpretationError(
                    located(op, f"{first} and {operand} differ in '{dimension}', {first_size} and {size}")
                )


def _check_equal_shapes(op: Operation, args: PythonValues) -> None:
    shapes = [cast(Array, arg).shape for arg in args if isinstance(arg, np.ndarray)]
    if len(set(shapes)) > 1:
        axis = next(axis for axis, sizes in enumerate(zip(*shapes, strict=True)) if len(set(sizes)) > 1)
        problem = f"the operands differ in the size of axis {axis}, {' and '.join(map(str, shapes))}"
        raise InterpretationError(located(op, problem))
