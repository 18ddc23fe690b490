"""Sizes as Python expressions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce

from xdsl.ir import SSAValue

from rlxc.numpy_backend.sizes.size import Atom, Extreme, Product, Quotient, Size
from rlxc.numpy_backend.text.expression import Code, call, infix, integer, negative
from rlxc.passes.lowering.dims import Dim

Leaf = Dim | SSAValue


class SizeText:
    """Prints sizes; `names` holds the variables for sizes, `leaf` gives the text of what is no operation on sizes."""

    def __init__(self, names: Mapping[Size, Code], leaf: Callable[[Leaf], Code]):
        self._names, self._leaf = names, leaf

    def code(self, size: Size) -> Code:
        """The variable that holds the size, one plus a number, or its formula."""
        return self._names.get(size) or self._near(size) or self.formula(size)

    def _near(self, size: Size) -> Code | None:
        """The variable of a size that differs by a number."""
        for other, name in self._names.items():
            distance = (size - other).literal
            if distance is not None and not isinstance(other.atom, Dim):
                return infix(name, "+" if distance > 0 else "-", integer(abs(distance)))
        return None

    def formula(self, size: Size) -> Code:
        """The sum, with what is added before what is subtracted."""
        total: Code | None = None
        for atom, factor in sorted(size.terms.items(), key=lambda term: term[1] < 0):
            total = self._add(total, self._scaled(atom, abs(factor)), factor)
        if total is None:
            return integer(size.constant)
        if size.constant == 0:
            return total
        return infix(total, "+" if size.constant > 0 else "-", integer(abs(size.constant)))

    def _add(self, total: Code | None, term: Code, sign: int) -> Code:
        if total is None:
            return term if sign > 0 else negative(term)
        return infix(total, "+" if sign > 0 else "-", term)

    def _scaled(self, atom: Atom, factor: int) -> Code:
        """`factor * atom`, of a product with all its factors in one row."""
        factors = [self._atom(one) for one in (atom.factors if isinstance(atom, Product) else (atom,))]
        first, *rest = factors if factor == 1 else [integer(factor), *factors]
        return reduce(lambda product, one: infix(product, "*", one), rest, first)

    def _atom(self, atom: Atom) -> Code:
        variable = self._names.get(Size.of(atom))
        if variable is not None:
            return variable
        match atom:
            case Extreme(kind=kind, operands=operands):
                return call(kind, *map(self.code, operands))
            case Quotient(dividend=dividend, divisor=divisor, remainder=remainder):
                return infix(self.code(dividend), "%" if remainder else "//", self.code(divisor))
            case Product():
                return self._scaled(atom, 1)
            case _:
                return self._leaf(atom)
