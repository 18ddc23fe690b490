"""Comparisons, and their negations."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects import arith
from xdsl.ir import SSAValue

from rlxc.numpy_backend.arrays.term import Term
from rlxc.numpy_backend.errors import unsupported
from rlxc.numpy_backend.text.expression import Code, infix, inverted, negation

SIGNED = {0: "==", 1: "!=", 2: "<", 3: "<=", 4: ">", 5: ">="}
"""Predicates of arith.cmpi."""

UNSIGNED = {6: "<", 7: "<=", 8: ">", 9: ">="}

ORDERED = {1: "==", 2: ">", 3: ">=", 4: "<", 5: "<=", 13: "!="}
"""Predicates of arith.cmpf that treat NaN as Python does."""

UNORDERED = {9: "<=", 10: "<", 11: ">=", 12: ">"}
"""Predicates of arith.cmpf that are the negation of a comparison in Python."""

OPPOSITES = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


def integer_comparison(op: arith.CmpiOp, terms: Sequence[Term]) -> Code:
    """`a < b` of integers, signed or not."""
    (a, b), predicate = terms, op.predicate.value.data
    if predicate in SIGNED:
        return infix(a.code, SIGNED[predicate], b.code)
    if a.is_nonnegative and b.is_nonnegative:
        return infix(a.code, UNSIGNED[predicate], b.code)
    if b.is_nonnegative and predicate in (6, 7):
        # Read as unsigned, a negative number is larger than all others.
        joint = "and" if a.is_number else "&"
        return infix(infix(a.code, ">=", Code("0")), joint, infix(a.code, UNSIGNED[predicate], b.code))
    unsupported(op, "it compares, as unsigned numbers, some that may be negative")


def float_comparison(op: arith.CmpfOp, terms: Sequence[Term]) -> Code:
    """`a < b` of floats; what holds for NaN too is the negation of the opposite."""
    (a, b), predicate = terms, op.predicate.value.data
    if predicate in ORDERED:
        return infix(a.code, ORDERED[predicate], b.code)
    if predicate in UNORDERED:
        comparison = infix(a.code, UNORDERED[predicate], b.code)
        return negation(comparison) if a.is_number and b.is_number else inverted(comparison)
    unsupported(op, "this predicate has no NumPy form here")


def negated(condition: SSAValue, terms: Sequence[Term]) -> Code | None:
    """The opposite of a signed comparison as one comparison, or None. Of floats there is none: NaN."""
    match condition.owner:
        case arith.CmpiOp(predicate=predicate) if (operator := SIGNED.get(predicate.value.data)) is not None:
            return infix(terms[0].code, OPPOSITES[operator], terms[1].code)
        case _:
            return None
