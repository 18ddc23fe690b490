"""Scalar arithmetic that reads as a formula: `x / (1 + exp(-x))` makes the operations of a loop body.

A `Scalar` is a value of type index, integer or float. Operations are created in the current
`ImplicitBuilder`. What is known at compile time stays in Python: a `Size` is an int or a Scalar of
type index, a `Condition` a bool or a Scalar of type i1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from xdsl.dialects import arith, math
from xdsl.dialects.builtin import AnyFloat, FloatAttr, IndexType, IntegerAttr, IntegerType, i1
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.utils.hints import isa

Number: TypeAlias = "Scalar | int | float"
Size: TypeAlias = "Scalar | int"
Condition: TypeAlias = "Scalar | bool"


@dataclass(frozen=True, eq=False)
class Scalar:
    """A scalar value with Python's operators.

    Scalars with equal keys hold the same number, so that the difference of two equal dimensions is
    0 at compile time. A key that is an int is that number. Without a key, a scalar is only known to
    equal itself.
    """

    value: SSAValue
    key: object = None

    @property
    def type(self) -> Attribute:
        return self.value.type

    def is_same(self, other: Number) -> bool:
        """Whether `other` certainly holds the same number."""
        return self._identity == (other._identity if isinstance(other, Scalar) else other)

    def like(self, number: Number) -> Scalar:
        """`number` as a scalar of the same type."""
        return number if isinstance(number, Scalar) else constant(number, self.type)

    def __add__(self, other: Number) -> Scalar:
        if self._is_index and other == 0:
            return self
        return self._binary(arith.AddiOp, arith.AddfOp, other)

    __radd__ = __add__

    def __sub__(self, other: Number) -> Scalar:
        if self._is_index and other == 0:
            return self
        return self._binary(arith.SubiOp, arith.SubfOp, other)

    def __rsub__(self, other: float) -> Scalar:
        return self.like(other) - self

    def __mul__(self, other: Number) -> Scalar:
        if self._is_index and other == 1:
            return self
        return self._binary(arith.MuliOp, arith.MulfOp, other)

    __rmul__ = __mul__

    def __truediv__(self, other: Number) -> Scalar:
        return _scalar(arith.DivfOp(self.value, self.like(other).value))

    def __rtruediv__(self, other: float) -> Scalar:
        return self.like(other) / self

    def __floordiv__(self, other: Number) -> Scalar:
        return _scalar(arith.DivUIOp(self.value, self.like(other).value))

    def __rfloordiv__(self, other: int) -> Scalar:
        return self.like(other) // self

    def __mod__(self, other: Number) -> Scalar:
        return _scalar(arith.RemUIOp(self.value, self.like(other).value))

    def __neg__(self) -> Scalar:
        return _scalar(arith.NegfOp(self.value))

    def __le__(self, other: Number) -> Condition:
        return self.is_same(other) or self._compare("sle", other)

    def __ge__(self, other: Number) -> Condition:
        return self.is_same(other) or self._compare("sge", other)

    def __gt__(self, other: Number) -> Condition:
        return self._compare("sgt", other)

    def is_below(self, bound: Number) -> Scalar:
        """Whether the integer lies in `[0, bound)`: one unsigned comparison."""
        return self._compare("ult", bound)

    def equals(self, other: Number) -> Condition:
        """Whether both hold the same integer."""
        return self.is_same(other) or self._compare("eq", other)

    def __and__(self, other: Scalar) -> Scalar:
        return _scalar(arith.AndIOp(self.value, other.value))

    @property
    def _identity(self) -> object:
        return self.value if self.key is None else self.key

    @property
    def _is_index(self) -> bool:
        return isinstance(self.type, IndexType)

    def _binary(self, on_integers: _Binary, on_floats: _Binary, other: Number) -> Scalar:
        operation = on_floats if isinstance(self.type, AnyFloat) else on_integers
        return _scalar(operation(self.value, self.like(other).value))

    def _compare(self, predicate: str, other: Number) -> Scalar:
        return _scalar(arith.CmpiOp(self.value, self.like(other).value, predicate))


_Binary: TypeAlias = Callable[[SSAValue, SSAValue], Operation]


def constant(number: float, type_: Attribute) -> Scalar:
    """A literal of a float, integer or index type."""
    if isinstance(type_, AnyFloat):
        return _scalar(arith.ConstantOp(FloatAttr(number, type_)))
    assert isinstance(number, int)
    if isinstance(type_, IndexType):
        return _index(number)
    assert isa(type_, IntegerType)
    return _scalar(arith.ConstantOp(IntegerAttr(number, type_)))


def _index(number: int) -> Scalar:
    literal = _scalar(arith.ConstantOp(IntegerAttr.from_index_int_value(number)))
    if number >= 0:
        literal.value.name_hint = f"c{number}"
    return literal


def truth(condition: Condition) -> Scalar:
    """A condition as a value of type i1."""
    return condition if isinstance(condition, Scalar) else constant(condition, i1)


_SizeT = TypeVar("_SizeT", bound=Size)


def named(size: _SizeT, hint: str) -> _SizeT:
    """The same size, with a name for readers unless it is a literal or has one."""
    if isinstance(size, Scalar) and size.value.name_hint is None:
        size.value.name_hint = hint
    return size


def all_of(conditions: Sequence[Condition]) -> Scalar:
    """Whether all conditions hold, of which there is at least one."""
    first, *others = map(truth, conditions)
    for condition in others:
        first = first & condition
    return first


def as_value(size: Size) -> SSAValue:
    """A size as a value of type index."""
    return (size if isinstance(size, Scalar) else constant(size, IndexType())).value


def minimum(a: Size, b: Size) -> Size:
    """The smaller of two sizes."""
    return _choose(min, arith.MinSIOp, a, b)


def maximum(a: Size, b: Size) -> Size:
    """The larger of two sizes."""
    return _choose(max, arith.MaxSIOp, a, b)


def difference(a: Size, b: Size) -> Size:
    """`a - b`, and 0 where both are certainly equal."""
    return 0 if isinstance(a, Scalar) and a.is_same(b) else a - b


def greater_float(a: Scalar, b: Number) -> Scalar:
    """The larger of two floats; NaN if one of them is."""
    return _scalar(arith.MaximumfOp(a.value, a.like(b).value))


def select(condition: Scalar, chosen: Scalar, otherwise: Number) -> Scalar:
    """`chosen` where the condition holds."""
    return _scalar(arith.SelectOp(condition.value, chosen.value, chosen.like(otherwise).value))


def exceeds(a: Scalar, b: Scalar, *, or_equal: bool = False) -> Scalar:
    """Whether one float is larger than another; false if one of them is NaN."""
    return _scalar(arith.CmpfOp(a.value, b.value, "oge" if or_equal else "ogt"))


def equal_floats(a: Scalar, b: Number) -> Scalar:
    """Whether two floats are equal; false if one of them is NaN."""
    return _scalar(arith.CmpfOp(a.value, a.like(b).value, "oeq"))


def differ(a: Scalar, b: Number) -> Scalar:
    """Whether two floats are different; true if one of them is NaN."""
    return _scalar(arith.CmpfOp(a.value, a.like(b).value, "une"))


def exp(x: Scalar) -> Scalar:
    """The exponential function."""
    return _scalar(math.ExpOp(x.value))


def tanh(x: Scalar) -> Scalar:
    """The hyperbolic tangent."""
    return _scalar(math.TanhOp(x.value))


def erf(x: Scalar) -> Scalar:
    """The error function."""
    return _scalar(math.ErfOp(x.value))


def sqrt(x: Scalar) -> Scalar:
    """The square root."""
    return _scalar(math.SqrtOp(x.value))


def _choose(in_python: Callable[[int, int], int], operation: _Binary, a: Size, b: Size) -> Size:
    if isinstance(a, Scalar):
        return a if a.is_same(b) else _scalar(operation(a.value, a.like(b).value))
    return _scalar(operation(b.like(a).value, b.value)) if isinstance(b, Scalar) else in_python(a, b)


def _scalar(operation: Operation) -> Scalar:
    return Scalar(operation.results[0])
