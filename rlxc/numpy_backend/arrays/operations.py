"""The NumPy form of each scalar operation of `arith` and `math`.

An operation on Python numbers stays a Python number: a NumPy scalar of 64 bits would make a
computation in float32 one in float64.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from xdsl.dialects import arith, math
from xdsl.dialects.builtin import AnyFloat, Float64Type
from xdsl.ir import Operation
from xdsl.utils.hints import isa

from rlxc.numpy_backend.arrays.comparison import float_comparison, integer_comparison
from rlxc.numpy_backend.arrays.dtypes import dtype
from rlxc.numpy_backend.arrays.term import Term
from rlxc.numpy_backend.arrays.ufuncs import CASTS, FUNCTIONS, OPERATORS, OPERATORS_OF_NONNEGATIVE
from rlxc.numpy_backend.errors import unsupported
from rlxc.numpy_backend.text.expression import Code, call, conditional, infix, method, negative


def element_code(op: Operation, terms: Sequence[Term]) -> Code:
    """`op` on arrays or numbers; DiagnosticException if it has no NumPy form."""
    kind = type(op)
    if kind in SPECIAL:
        return SPECIAL[kind](op, terms)
    if kind in FUNCTIONS:
        return _function(FUNCTIONS[kind], terms)
    operator = OPERATORS.get(kind)
    if operator is None and all(term.is_nonnegative for term in terms):
        operator = OPERATORS_OF_NONNEGATIVE.get(kind)
    if operator is None:
        unsupported(op, "it has no NumPy form here")
    return infix(terms[0].code, operator, terms[1].code)


def erf_helper(op: math.ErfOp) -> str:
    """The helper function that stands for an error function: NumPy has none."""
    return "erf64" if isinstance(op.result.type, Float64Type) else "erf"


def _select(op: arith.SelectOp, terms: Sequence[Term]) -> Code:
    """`np.where(condition, chosen, otherwise)`, of numbers a conditional expression."""
    condition, chosen, otherwise = terms
    if condition.is_number:
        return conditional(condition.code, chosen.code, otherwise.code)
    if chosen.is_number and otherwise.is_number:
        return call("np.where", condition.code, call(dtype(op, op.result.type), chosen.code), otherwise.code)
    return call("np.where", condition.code, chosen.code, otherwise.code)


def _function(name: str, terms: Sequence[Term]) -> Code:
    code = call(name, *(term.code for term in terms))
    return call("float", code) if all(term.is_number for term in terms) else code


def _erf(op: math.ErfOp, terms: Sequence[Term]) -> Code:
    return call(erf_helper(op), terms[0].code)


def _reciprocal_root(op: math.RsqrtOp, terms: Sequence[Term]) -> Code:
    return infix(Code("1.0"), "/", _function("np.sqrt", terms))


def _multiply_add(op: math.FmaOp, terms: Sequence[Term]) -> Code:
    a, b, c = (term.code for term in terms)
    return infix(infix(a, "*", b), "+", c)


def _cast(op: Operation, terms: Sequence[Term]) -> Code:
    element_type, (x,) = op.results[0].type, terms
    is_float = isa(element_type, AnyFloat)
    if x.is_number:
        return call("float" if is_float else "int", x.code)
    return method(x.code, "astype", dtype(op, element_type))


SPECIAL: dict[type[Operation], Callable[[Any, Sequence[Term]], Code]] = {
    arith.NegfOp: lambda op, terms: negative(terms[0].code),
    arith.IndexCastOp: lambda op, terms: terms[0].code,
    arith.SelectOp: _select,
    arith.CmpiOp: integer_comparison,
    arith.CmpfOp: float_comparison,
    math.ErfOp: _erf,
    math.RsqrtOp: _reciprocal_root,
    math.FmaOp: _multiply_add,
    **dict.fromkeys(CASTS, _cast),
}
"""The operations that are neither an operator nor a function of their operands alone."""
