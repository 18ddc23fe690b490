"""A generic as a sequence of updates of one of its inputs: `scores *= 0.125`, `np.exp(scores, out=scores)`."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects import arith
from xdsl.dialects.builtin import FloatAttr
from xdsl.ir import Operation, SSAValue

from rlxc.numpy_backend.arrays.body import Body
from rlxc.numpy_backend.arrays.structure import Operand, Structure
from rlxc.numpy_backend.arrays.ufuncs import FUNCTIONS, OPERATORS
from rlxc.numpy_backend.text.expression import Code, call, inverted

UFUNCS = {"-": "np.subtract", "/": "np.divide"}
"""The functions behind the operators whose operands do not commute."""


def update_of(structure: Structure, operand: Operand) -> Sequence[tuple[Operation, SSAValue]] | None:
    """The operations that turn the elements of an input into the result, each with its operand on that way.

    None unless the input has the shape and the type of the result, each element serves once, and each
    operation can write its result over that operand.
    """
    if structure.reductions or operand.axes != structure.output.axes or not operand.axes:
        return None
    way: list[tuple[Operation, SSAValue]] = []
    value: SSAValue = operand.element
    while value is not structure.root:
        uses = list(value.uses)
        if len(uses) != 1 or uses[0].operation.parent is not structure.body:
            return None
        op = uses[0].operation
        if not _can_update(op, value):
            return None
        way.append((op, value))
        value = op.results[0]
    return way if value.type == operand.element.type and way else None


def _can_update(op: Operation, value: SSAValue) -> bool:
    """Whether NumPy can write the result of `op` over the operand `value`."""
    if isinstance(op, arith.SelectOp):
        others = [other for other in (op.lhs, op.rhs) if other is not value]
        return value is not op.cond and len(others) == 1 and _is_literal(others[0])
    writes = isinstance(op, arith.NegfOp) or type(op) in OPERATORS or type(op) in FUNCTIONS
    return writes and op.results[0].type == value.type


def _is_literal(value: SSAValue) -> bool:
    return isinstance(value.owner, arith.ConstantOp) and isinstance(value.owner.value, FloatAttr)


def update_lines(body: Body, target: Code, way: Sequence[tuple[Operation, SSAValue]]) -> list[str]:
    """The statements that turn the array `target` into the result, in place."""
    return [_update_line(body, target, op, value) for op, value in way]


def _update_line(body: Body, target: Code, op: Operation, value: SSAValue) -> str:
    order = body.structure.order
    if isinstance(op, arith.SelectOp):
        return _select_line(body, target, op, value)
    if isinstance(op, arith.NegfOp):
        return call("np.negative", target, out=target).text
    operands = [target if operand is value else body.code(operand, order) for operand in op.operands]
    operator = OPERATORS.get(type(op))
    if operator is None:
        return call(FUNCTIONS[type(op)], *operands, out=target).text
    if op.operands[0] is value or operator not in UFUNCS:
        other = operands[1 if op.operands[0] is value else 0]
        return f"{target} {operator}= {other}"
    return call(UFUNCS[operator], *operands, out=target).text


def _select_line(body: Body, target: Code, op: arith.SelectOp, value: SSAValue) -> str:
    """The other choice, a number, written where the condition chooses it."""
    order = body.structure.order
    if value is op.rhs:
        return call("np.copyto", target, body.code(op.lhs, order), where=body.code(op.cond, order)).text
    opposite = body.opposite(op.cond, order)
    if opposite is None:
        body.name(op.cond, "keep")
        opposite = inverted(body.code(op.cond, order))
    return call("np.copyto", target, body.code(op.rhs, order), where=opposite).text
