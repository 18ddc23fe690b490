"""Python expressions as text that knows how tightly it binds, so that parentheses stand only where they must."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum, auto

import numpy as np


class Binding(IntEnum):
    """How tightly an expression holds together, loosest first: Python's table of precedence."""

    CONDITIONAL = auto()
    OR = auto()
    AND = auto()
    NOT = auto()
    COMPARISON = auto()
    BIT_OR = auto()
    BIT_XOR = auto()
    BIT_AND = auto()
    SUM = auto()
    PRODUCT = auto()
    SIGN = auto()
    POWER = auto()
    ATOM = auto()


BINDINGS = {
    "or": Binding.OR,
    "and": Binding.AND,
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), Binding.COMPARISON),
    "|": Binding.BIT_OR,
    "^": Binding.BIT_XOR,
    "&": Binding.BIT_AND,
    **dict.fromkeys(("+", "-"), Binding.SUM),
    **dict.fromkeys(("*", "/", "//", "%", "@"), Binding.PRODUCT),
}
"""The binding of each binary operator."""


@dataclass(frozen=True)
class Code:
    """The text of an expression."""

    text: str
    binding: Binding = Binding.ATOM

    def within(self, binding: Binding) -> str:
        """The text, in parentheses if it holds together less tightly than `binding`."""
        return self.text if self.binding >= binding else f"({self.text})"

    def __str__(self) -> str:
        return self.text


def infix(left: Code, operator: str, right: Code) -> Code:
    """`left operator right`; the grouping is kept, as floating-point sums are not associative."""
    binding = BINDINGS[operator]
    tighter = Binding(binding + 1)
    left_text = left.within(tighter if binding == Binding.COMPARISON else binding)
    return Code(f"{left_text} {operator} {right.within(tighter)}", binding)


def negative(x: Code) -> Code:
    """`-x`."""
    return Code(f"-{x.within(Binding.SIGN)}", Binding.SIGN)


def inverted(x: Code) -> Code:
    """`~x`, the negation of an array of booleans."""
    return Code(f"~{x.within(Binding.SIGN)}", Binding.SIGN)


def negation(x: Code) -> Code:
    """`not x`."""
    return Code(f"not {x.within(Binding.NOT)}", Binding.NOT)


def conditional(condition: Code, chosen: Code, otherwise: Code) -> Code:
    """`chosen if condition else otherwise`."""
    text = f"{chosen.within(Binding.OR)} if {condition.within(Binding.OR)} else {otherwise.within(Binding.OR)}"
    return Code(text, Binding.CONDITIONAL)


def call(function: str, *arguments: Code | str, **keywords: Code | str) -> Code:
    """`function(*arguments, **keywords)`."""
    named = (f"{name}={value}" for name, value in keywords.items())
    return Code(f"{function}({', '.join((*map(str, arguments), *named))})")


def method(x: Code, name: str, *arguments: Code | str, **keywords: Code | str) -> Code:
    """`x.name(*arguments)`."""
    return call(f"{x.within(Binding.ATOM)}.{name}", *arguments, **keywords)


def attribute(x: Code, name: str) -> Code:
    """`x.name`."""
    return Code(f"{x.within(Binding.ATOM)}.{name}")


def subscript(x: Code, items: Iterable[Code | str]) -> Code:
    """`x[items]`."""
    return Code(f"{x.within(Binding.ATOM)}[{', '.join(map(str, items))}]")


def tuple_of(items: Sequence[Code | str]) -> Code:
    """`(a, b)`, with the comma that a single item needs."""
    return Code(f"({', '.join(map(str, items))}{',' if len(items) == 1 else ''})")


def string(text: str) -> Code:
    """A string literal that means exactly `text`, in double quotes where that needs no escape."""
    literal = repr(text)
    plain = literal[1:-1]
    return Code(literal if any(mark in plain for mark in "\"'\\") else f'"{plain}"')


def integer(number: int) -> Code:
    """An integer literal."""
    return Code(str(number), Binding.ATOM if number >= 0 else Binding.SIGN)


def real(number: float, width: int) -> Code:
    """The shortest literal of a float of 32 or 64 bits."""
    info = np.finfo(np.float32 if width == 32 else np.float64)
    if math.isnan(number):
        return Code("np.nan")
    if math.isinf(number):
        return Code("np.inf") if number > 0 else Code("-np.inf", Binding.SIGN)
    for limit in ("min", "max"):
        if number == float(getattr(info, limit)):
            return Code(f"np.finfo(np.float{width}).{limit}")
    text = repr(number) if width == 64 else str(np.float32(number))
    return Code(text, Binding.SIGN if text.startswith("-") else Binding.ATOM)
