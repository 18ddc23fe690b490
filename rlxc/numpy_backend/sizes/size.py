"""Index arithmetic in a normal form: sums of atoms with integer factors, in which simplifications can be proved.

Lowering states every bound that a compiler of loops may need: `min(S, max(row + min(rows, S - row), 0))`.
A reader needs `row + min(rows, S - row)`, which is the same number. A `Size` is such a sum; `minimum`
and `maximum` drop the operands that provably never win.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from xdsl.ir import SSAValue

from rlxc.passes.lowering.dims import Dim


@dataclass(frozen=True)
class Extreme:
    """The smallest or the largest of several sizes."""

    kind: Literal["min", "max"]
    operands: tuple[Size, ...]


@dataclass(frozen=True)
class Quotient:
    """`dividend // divisor`, or with `remainder` the rest of that division."""

    dividend: Size
    divisor: Size
    remainder: bool = False


@dataclass(frozen=True)
class Product:
    """The product of several atoms."""

    factors: tuple[Atom, ...]


Atom: TypeAlias = "Dim | SSAValue | Extreme | Quotient | Product"
"""What a size is the sum of: the size of an axis, an unknown number, or an operation on sizes."""


@dataclass(frozen=True, eq=False)
class Size:
    """`constant + factor * atom + ...`; two sizes are equal if they are the same sum, in whatever order."""

    constant: int = 0
    terms: Mapping[Atom, int] = field(default_factory=dict[Atom, int])

    @staticmethod
    def of(atom: Atom) -> Size:
        return Size(0, {atom: 1})

    @property
    def literal(self) -> int | None:
        """The number, if it is known."""
        return None if self.terms else self.constant

    @property
    def atom(self) -> Atom | None:
        """The only atom, if the size is nothing but that."""
        return next(iter(self.terms)) if self.constant == 0 and list(self.terms.values()) == [1] else None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Size) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @property
    def _key(self) -> tuple[int, frozenset[tuple[Atom, int]]]:
        return self.constant, frozenset(self.terms.items())

    def __add__(self, other: Size | int) -> Size:
        other = Size(other) if isinstance(other, int) else other
        terms = Counter(dict(self.terms))
        for atom, factor in other.terms.items():
            terms[atom] += factor
        return Size(self.constant + other.constant, {atom: factor for atom, factor in terms.items() if factor})

    def __mul__(self, other: Size | int) -> Size:
        if isinstance(other, int):
            return Size(self.constant * other, {atom: factor * other for atom, factor in self.terms.items() if other})
        total = self * other.constant
        for atom, factor in other.terms.items():
            scaled = [(Product((*_factors(mine), *_factors(atom))), own) for mine, own in self.terms.items()]
            total = total + Size(0, {atom: self.constant * factor} if self.constant else {})
            total = total + Size(0, {product: own * factor for product, own in scaled})
        return total

    def __sub__(self, other: Size | int) -> Size:
        return self + other * -1

    def replace(self, atom: Atom, size: Size) -> Size:
        """The sum with another size in place of an atom."""
        rest = Size(self.constant, {other: factor for other, factor in self.terms.items() if other != atom})
        return rest + size * self.terms[atom]


@dataclass(frozen=True)
class Facts:
    """What is known of atoms: those that are never negative, and sizes that others never exceed."""

    nonnegative: set[SSAValue]
    upper_bounds: dict[SSAValue, Size]

    def is_nonnegative(self, size: Size) -> bool:
        """Whether the size is provably 0 or more. It may be so without this proof."""
        if size.constant >= 0 and all(n > 0 and self._is_nonnegative(atom) for atom, n in size.terms.items()):
            return True
        optional: list[Size] = []
        for atom, factor in size.terms.items():
            if isinstance(atom, Extreme):
                cases = [size.replace(atom, operand) for operand in atom.operands]
                if (factor > 0) == (atom.kind == "min"):
                    return all(map(self.is_nonnegative, cases))
                optional += cases
            elif factor < 0 and isinstance(atom, SSAValue) and atom in self.upper_bounds:
                optional.append(size.replace(atom, self.upper_bounds[atom]))
        return any(map(self.is_nonnegative, optional))

    def _is_nonnegative(self, atom: Atom) -> bool:
        match atom:
            case Dim():
                return True
            case SSAValue():
                return atom in self.nonnegative
            case Product(factors=factors):
                return all(map(self._is_nonnegative, factors))
            case Quotient(dividend=dividend, divisor=divisor):
                return self.is_nonnegative(dividend) and self.is_nonnegative(divisor)
            case Extreme():
                return False

    def minimum(self, *sizes: Size) -> Size:
        """The smallest size."""
        return self._extreme("min", sizes)

    def maximum(self, *sizes: Size) -> Size:
        """The largest size."""
        return self._extreme("max", sizes)

    def _extreme(self, kind: Literal["min", "max"], sizes: Iterable[Size]) -> Size:
        kept: list[Size] = []
        for size in _flattened(kind, sizes):
            if not any(self._wins(kind, other, size) for other in kept):
                kept = [*(other for other in kept if not self._wins(kind, size, other)), size]
        return kept[0] if len(kept) == 1 else Size.of(Extreme(kind, tuple(kept)))

    def _wins(self, kind: Literal["min", "max"], a: Size, b: Size) -> bool:
        return self.is_nonnegative(b - a if kind == "min" else a - b)


def _flattened(kind: str, sizes: Iterable[Size]) -> Iterable[Size]:
    for size in sizes:
        if isinstance(size.atom, Extreme) and size.atom.kind == kind:
            yield from size.atom.operands
        else:
            yield size


def _factors(atom: Atom) -> tuple[Atom, ...]:
    return atom.factors if isinstance(atom, Product) else (atom,)


def product(sizes: Iterable[Size]) -> Size:
    """The product of sizes."""
    return math.prod(sizes, start=Size(1))
