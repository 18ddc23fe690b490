"""Sizes in bytes as a number times a product of values: `256 * B * S`."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.dialects import arith, memref
from xdsl.dialects.builtin import DYNAMIC_INDEX, FixedBitwidthType, IndexType, IntegerAttr, MemRefType
from xdsl.dialects.func import FuncOp
from xdsl.ir import Attribute, SSAValue
from xdsl.utils.hints import isa


@dataclass(frozen=True)
class Product:
    """`coefficient` times all `factors`, in the order in which they are written."""

    coefficient: int
    factors: tuple[SSAValue, ...] = ()

    def __mul__(self, other: Product) -> Product:
        return Product(self.coefficient * other.coefficient, self.factors + other.factors)


def size_in_bytes(op: memref.AllocOp) -> Product | None:
    """How much an allocation needs at most in any iteration of the loops around it; None if not known.

    The factors are arguments, and values computed outside of loops. A size that a loop computes
    counts as its bound: `arith.minsi %bound, %size` is at most `%bound`.
    """
    kind = op.memref.type
    assert isa(kind, MemRefType[Attribute])
    total, dynamic = Product(element_bytes(kind.element_type)), iter(op.dynamic_sizes)
    for size in kind.get_shape():
        bound = bound_of(next(dynamic)) if size == DYNAMIC_INDEX else Product(size)
        if bound is None:
            return None
        total = total * bound
    return total


def bound_of(size: SSAValue) -> Product | None:
    """The largest value that an index has, by values that are known outside of loops."""
    match size.owner:
        case arith.ConstantOp(value=IntegerAttr(value=number)):
            return Product(number.data)
        case arith.MuliOp(lhs=a, rhs=b) if (left := bound_of(a)) is not None and (right := bound_of(b)) is not None:
            return left * right
        case _ if isinstance(size.owner.parent_op(), FuncOp):
            return Product(1, (size,))
        case arith.MinSIOp(lhs=a, rhs=b):
            return bound_of(a) or bound_of(b)
        case _:
            return None


def element_bytes(kind: Attribute) -> int:
    """How much memory one element takes; a boolean takes a byte."""
    if isinstance(kind, IndexType):
        return 8
    assert isinstance(kind, FixedBitwidthType)
    return kind.size
