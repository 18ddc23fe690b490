"""Index arithmetic in normal form: simplifications never change a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from xdsl.dialects import test
from xdsl.dialects.builtin import IndexType
from xdsl.ir import SSAValue

from rlxc.numpy_backend.sizes.size import Atom, Extreme, Facts, Product, Quotient, Size
from rlxc.numpy_backend.sizes.size_text import SizeText
from rlxc.numpy_backend.text.expression import Code
from rlxc.passes.lowering.dims import Dim

NAMES = ("a", "b", "c", "row")
VALUES: Sequence[SSAValue] = test.TestOp(result_types=[IndexType()] * len(NAMES)).results
A, B, C, ROW = (Size.of(value) for value in VALUES)
FACTS = Facts(nonnegative=set(VALUES), upper_bounds={VALUES[3]: A - 1})
"""All are sizes, and `row` counts up to `a`."""


def evaluate(size: Size, numbers: dict[Atom, int]) -> int:
    """The number that a size stands for."""
    return size.constant + sum(factor * evaluate_atom(atom, numbers) for atom, factor in size.terms.items())


def evaluate_atom(atom: Atom, numbers: dict[Atom, int]) -> int:
    match atom:
        case Extreme(kind=kind, operands=operands):
            return (min if kind == "min" else max)(evaluate(operand, numbers) for operand in operands)
        case Quotient(dividend=dividend, divisor=divisor, remainder=remainder):
            parts = divmod(evaluate(dividend, numbers), evaluate(divisor, numbers))
            return parts[remainder]
        case Product(factors=(first, second)):
            return evaluate_atom(first, numbers) * evaluate_atom(second, numbers)
        case _:
            return numbers[atom]


@dataclass(frozen=True)
class Operation:
    """A random formula, as a size and as a plain computation."""

    size: Size
    text: str


def variables(numbers: tuple[int, ...]) -> dict[str, Any]:
    """The numbers by the names of the leaves."""
    return dict(zip(NAMES, numbers, strict=True))


LEAVES = [Operation(size, name) for size, name in zip((A, B, C, ROW), NAMES, strict=True)]


@st.composite
def combined(draw: st.DrawFn, parts: st.SearchStrategy[Operation]) -> Operation:
    x, y = draw(parts), draw(parts)
    match draw(st.sampled_from("+-<>*")):
        case "+":
            return Operation(x.size + y.size, f"({x.text} + {y.text})")
        case "-":
            return Operation(x.size - y.size, f"({x.text} - {y.text})")
        case "<":
            return Operation(FACTS.minimum(x.size, y.size), f"min({x.text}, {y.text})")
        case ">":
            return Operation(FACTS.maximum(x.size, y.size), f"max({x.text}, {y.text})")
        case _:
            return Operation(x.size * 2, f"({x.text} * 2)")


LITERALS = st.integers(0, 9).map(lambda n: Operation(Size(n), str(n)))
FORMULAS = st.recursive(st.sampled_from(LEAVES) | LITERALS, combined, max_leaves=7)
NUMBERS = st.tuples(*[st.integers(0, 12)] * 4).filter(lambda n: n[3] < n[0])


@given(FORMULAS, NUMBERS)
def test_a_formula_keeps_its_number(formula: Operation, numbers: tuple[int, ...]):
    expected = eval(formula.text, variables(numbers))
    assert evaluate(formula.size, dict(zip(VALUES, numbers, strict=True))) == expected


@given(FORMULAS, NUMBERS)
def test_the_text_of_a_size_is_the_size(formula: Operation, numbers: tuple[int, ...]):
    text = SizeText({}, lambda leaf: Code(NAMES[list(VALUES).index(leaf)] if isinstance(leaf, SSAValue) else "?"))
    assert eval(text.code(formula.size).text, variables(numbers)) == evaluate(
        formula.size, dict(zip(VALUES, numbers, strict=True))
    )


@given(FORMULAS, NUMBERS)
def test_what_is_proved_is_true(formula: Operation, numbers: tuple[int, ...]):
    if FACTS.is_nonnegative(formula.size):
        assert evaluate(formula.size, dict(zip(VALUES, numbers, strict=True))) >= 0


ROWS = FACTS.minimum(B, A - ROW)
"""The rows of a block of at most `b` of `a` rows, from `row` on."""


@pytest.mark.parametrize(
    ("simplified", "expected"),
    [
        (FACTS.minimum(A, FACTS.maximum(ROW + ROWS, Size(0))), ROW + ROWS),
        (FACTS.maximum(A, Size(0)), A),
        (FACTS.maximum(A - ROW, Size(1)), A - ROW),
        (FACTS.minimum(A, B, A + 1), FACTS.minimum(A, B)),
        (FACTS.minimum(A, A), A),
        (A * 0, Size(0)),
        ((A + 1) * (B + 2), A * B + A * 2 + B + 2),
        (A - A + 3, Size(3)),
    ],
)
def test_what_a_reader_need_not_see_is_gone(simplified: Size, expected: Size):
    assert simplified == expected


def test_nothing_is_assumed_of_an_unknown_number():
    unknown = Size.of(Dim(VALUES[0], 0)) - Size.of(VALUES[1])
    assert Facts(set(), {}).maximum(unknown, Size(0)).atom == Extreme("max", (unknown, Size(0)))
