"""Arithmetic on float32 and on its bits that reads as a formula, in the current `ImplicitBuilder`.

A value is a number or a vector; each operation is one that xDSL takes on both. LLVM may fuse a multiplication with
the addition of its product: results are good with and without.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from struct import pack, unpack

from xdsl.dialects import arith
from xdsl.dialects.arith import FastMathFlagsAttr
from xdsl.dialects.builtin import (
    DenseIntOrFPElementsAttr,
    Float32Type,
    FloatAttr,
    IntegerAttr,
    IntegerType,
    VectorType,
    f32,
    i32,
)
from xdsl.dialects.utils import FastMathFlag
from xdsl.ir import Attribute, SSAValue
from xdsl.utils.hints import isa

SIGN = -0x80000000
"""The bit of the sign."""

_FUSE = FastMathFlagsAttr([FastMathFlag.ALLOW_CONTRACT])


@dataclass(frozen=True, eq=False)
class Floats:
    """A value of type f32, or a vector of these."""

    value: SSAValue

    def __add__(self, other: Floats | float) -> Floats:
        return Floats(arith.AddfOp(self.value, self._like(other), _FUSE).result)

    def __radd__(self, other: float) -> Floats:
        return self + other

    def __sub__(self, other: Floats | float) -> Floats:
        return Floats(arith.SubfOp(self.value, self._like(other), _FUSE).result)

    def __rsub__(self, other: float) -> Floats:
        return Floats(arith.SubfOp(self._like(other), self.value, _FUSE).result)

    def __mul__(self, other: Floats | float) -> Floats:
        return Floats(arith.MulfOp(self.value, self._like(other), _FUSE).result)

    def __truediv__(self, other: Floats | float) -> Floats:
        return Floats(arith.DivfOp(self.value, self._like(other)).result)

    def clamped(self, lower: float | None, upper: float) -> Floats:
        """The nearest number in a range; NaN stays."""
        below = Floats(arith.MinimumfOp(self.value, self._like(upper)).result)
        return below if lower is None else below.at_least(lower)

    def at_least(self, lower: float) -> Floats:
        """The number, or the bound if it is below that; NaN stays."""
        return Floats(arith.MaximumfOp(self.value, self._like(lower)).result)

    def polynomial(self, coefficients: Sequence[float]) -> Floats:
        """`c[0] + c[1] x + c[2] x^2 + ...`, by Horner's rule."""
        *others, last = coefficients
        total: Floats | float = last
        for coefficient in reversed(others):
            total = self * total + coefficient
        assert isinstance(total, Floats)
        return total

    def bits(self) -> Bits:
        """The representation: sign, 8 bits of the exponent plus 127, 23 of the fraction."""
        return Bits(arith.BitcastOp(self.value, _like_shape(self.value.type, i32)).result)

    def _like(self, other: Floats | float) -> SSAValue:
        return other.value if isinstance(other, Floats) else _constant(other, self.value.type)


@dataclass(frozen=True, eq=False)
class Bits:
    """A value of type i32, or a vector of these."""

    value: SSAValue

    def __add__(self, other: int) -> Bits:
        return Bits(arith.AddiOp(self.value, _constant(other, self.value.type)).result)

    def __lshift__(self, count: int) -> Bits:
        return Bits(arith.ShLIOp(self.value, _constant(count, self.value.type)).result)

    def __and__(self, other: Bits | int) -> Bits:
        mask = other.value if isinstance(other, Bits) else _constant(other, self.value.type)
        return Bits(arith.AndIOp(self.value, mask).result)

    def __xor__(self, other: Bits) -> Bits:
        return Bits(arith.XOrIOp(self.value, other.value).result)

    def sign_everywhere(self) -> Bits:
        """All bits like that of the sign."""
        return Bits(arith.ShRSIOp(self.value, _constant(31, self.value.type)).result)

    def __or__(self, other: Bits) -> Bits:
        return Bits(arith.OrIOp(self.value, other.value).result)

    def floats(self) -> Floats:
        """What the bits represent."""
        return Floats(arith.BitcastOp(self.value, _like_shape(self.value.type, f32)).result)


def magnitude(x: Floats) -> Floats:
    """`|x|`."""
    return (x.bits() & 0x7FFFFFFF).floats()


def with_sign_of(positive: Floats, x: Floats) -> Floats:
    """`positive`, or `-positive` where x is negative."""
    return (positive.bits() | (x.bits() & SIGN)).floats()


def where_below(x: Floats, bound: float, chosen: Floats, otherwise: Floats) -> Floats:
    """`chosen` where `x < bound`, else `otherwise`; neither x nor the bound is negative, so that their bits compare."""
    (bits,) = unpack("<i", pack("<f", bound))
    is_below = (x.bits() + -bits).sign_everywhere()
    return (otherwise.bits() ^ ((otherwise.bits() ^ chosen.bits()) & is_below)).floats()


def _like_shape(kind: Attribute, element: Attribute) -> Attribute:
    return VectorType(element, kind.get_shape()) if isa(kind, VectorType) else element


def _constant(number: float, kind: Attribute) -> SSAValue:
    if isa(kind, VectorType[Float32Type]):
        return arith.ConstantOp(DenseIntOrFPElementsAttr.from_list(kind, [number])).result
    if isa(kind, VectorType[IntegerType]):
        return arith.ConstantOp(DenseIntOrFPElementsAttr.from_list(kind, [int(number)])).result
    return arith.ConstantOp(IntegerAttr(int(number), i32) if kind == i32 else FloatAttr(number, f32)).result
