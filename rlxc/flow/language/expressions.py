"""The values of expressions, by walking their trees: nothing of Python is evaluated."""

from __future__ import annotations

import dataclasses
import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from lark import Token, Tree

from rlxc.diagnostics import RlxcError, did_you_mean
from rlxc.flow.language.calls import call
from rlxc.flow.language.source import FlowText, MissingValue, Node, parts, words
from rlxc.flow.language.stage_table import FUNCTIONS

LARGEST = 2**63
"""No number is larger."""

LONGEST = 1024
"""No string is longer, in characters."""

BRACED = re.compile(r"\{([^{}]*)\}")
PATH = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*", re.ASCII)

ARITHMETIC: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
}

ORDER: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Expressions:
    """Evaluates the expressions of a text, in which `values` have names."""

    def __init__(self, source: FlowText, values: Mapping[str, Any]):
        self.source = source
        self.values = values

    def value(self, node: Node) -> Any:
        """The value of an expression. Raises RlxcError with the place if it has none."""
        assert isinstance(node, Tree)
        return getattr(self, f"_{node.data}")(node)

    def text(self, token: Token) -> str:
        """What a string says, with the values of names in braces."""
        text = BRACED.sub(lambda found: self._interpolated(token, found[1]), token[1:-1])
        rest = BRACED.sub("", token[1:-1])
        if "{" in rest or "}" in rest:
            raise self.source.error(token, "a brace without its partner", "write {i} for the value of i")
        if len(text) > LONGEST:
            raise self.source.error(token, f"the string is longer than {LONGEST} characters")
        return text

    def truth(self, node: Node) -> bool:
        """A condition, which is true or false."""
        value = self.value(node)
        if not isinstance(value, bool):
            raise self.source.error(node, f"a condition must be true or false, got {shown(value)}")
        return value

    def _interpolated(self, token: Token, path: str) -> str:
        if not PATH.fullmatch(path):
            raise self.source.error(
                token, f"'{{{path}}}' names no value", "write a name in the braces: {i}, {cfg.name}"
            )
        name, *keys = path.split(".")
        value = self._named(token, name)
        for key in keys:
            value = self._member(token, value, key)
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise self.source.error(token, f"'{{{path}}}' is {shown(value)}, expected a whole number or a string")
        return str(value)

    def _number(self, tree: Tree[Token]) -> int | float:
        (word,) = words(tree)
        try:
            value = int(word) if word.isdigit() else float(word)
        except ValueError:
            raise self.source.error(tree, "this number has too many digits") from None
        return self._bounded(tree, value)

    def _string(self, tree: Tree[Token]) -> str:
        return self.text(words(tree)[0])

    def _constant(self, tree: Tree[Token]) -> bool | None:
        return {"true": True, "false": False, "none": None}[str(words(tree)[0])]

    def _name(self, tree: Tree[Token]) -> Any:
        return self._named(tree, str(words(tree)[0]))

    def _attribute(self, tree: Tree[Token]) -> Any:
        of, key = tree.children
        assert isinstance(key, Token)
        return self._member(key, self.value(of), str(key))

    def _item(self, tree: Tree[Token]) -> Any:
        of, index = (self.value(part) for part in parts(tree))
        if isinstance(of, str) or not isinstance(of, Sequence):
            raise self.source.error(tree, f"{shown(of)} is no list")
        listed = cast("Sequence[Any]", of)
        if not is_whole(index) or not 0 <= index < len(listed):
            raise self.source.error(parts(tree)[1], f"{shown(index)} is no index of a list of {len(listed)} values")
        return listed[index]

    def _call(self, tree: Tree[Token]) -> Any:
        return self._bounded(tree, call(self, tree, FUNCTIONS, "function"))

    def _conditional(self, tree: Tree[Token]) -> Any:
        condition, one, other = parts(tree)
        return self.value(one if self.truth(condition) else other)

    def _default(self, tree: Tree[Token]) -> Any:
        *tried, last = parts(tree)
        for part in tried:
            try:
                value = self.value(part)
            except MissingValue:
                continue
            if value is not None:
                return value
        return self.value(last)

    def _either(self, tree: Tree[Token]) -> bool:
        return any(self.truth(part) for part in parts(tree))

    def _both(self, tree: Tree[Token]) -> bool:
        return all(self.truth(part) for part in parts(tree))

    def _negated(self, tree: Tree[Token]) -> bool:
        return not self.truth(parts(tree)[0])

    def _comparison(self, tree: Tree[Token]) -> bool:
        left, sign, right = tree.children
        assert isinstance(sign, Token)
        if sign == "==":
            return self.value(left) == self.value(right)
        if sign == "!=":
            return self.value(left) != self.value(right)
        return ORDER[str(sign)](self._operand(left), self._operand(right))

    def _sum(self, tree: Tree[Token]) -> int | float:
        first, *rest = tree.children
        value = self._operand(first)
        for sign, part in zip(rest[::2], rest[1::2], strict=True):
            operand = self._operand(part)
            if str(sign) in ("/", "//", "%") and operand == 0:
                raise self.source.error(part, "division by zero")
            value = self._bounded(tree, ARITHMETIC[str(sign)](value, operand))
        return value

    _product = _sum

    def _negative(self, tree: Tree[Token]) -> int | float:
        return -self._operand(parts(tree)[0])

    def _operand(self, node: Node) -> int | float:
        value = self.value(node)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.source.error(node, f"expected a number, got {shown(value)}")
        return value

    def _bounded(self, node: Node, value: Any) -> Any:
        """The value, unless it is a number that is too large or none."""
        if isinstance(value, int | float) and not (math.isfinite(value) and abs(value) <= LARGEST):
            raise self.source.error(node, "the result is out of range")
        return value

    def _named(self, node: Node, name: str) -> Any:
        if name not in self.values:
            close = did_you_mean(name, self.values)
            hint = f"known here: {', '.join(self.values)}" if self.values else "define it: let name = ..."
            raise self.source.error(node, f"unknown name '{name}'{close}", hint)
        return self.values[name]

    def _member(self, node: Node, value: Any, key: str) -> Any:
        known = members(value)
        if known is None:
            raise self.source.error(node, f"{shown(value)} has no '{key}'")
        if key in known:
            return self._held(node, known, key)
        close = did_you_mean(key, known)
        hint = "write ?? and a default behind it, or give a config that has it: --config config.json"
        raise self.source.missing(node, f"the config has no '{key}'{close}", hint)

    def _held(self, node: Node, known: Mapping[str, Any], key: str) -> Any:
        """A value, which may be made of the config in this moment."""
        try:
            return known[key]
        except RlxcError as error:
            raise self.source.error(node, error.message, error.hint) from error


def members(value: Any) -> Mapping[str, Any] | None:
    """What has names within a value; None if it is a value of one piece."""
    if isinstance(value, Mapping):
        return cast("Mapping[str, Any]", value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    return None


def is_whole(value: object) -> bool:
    """Whether a value is a whole number."""
    return isinstance(value, int) and not isinstance(value, bool)


def shown(value: object) -> str:
    """A value in a message."""
    match value:
        case None:
            return "none"
        case bool():
            return str(value).lower()
        case Mapping():
            return "an object"
        case _:
            text = repr(value)
            return text if len(text) <= 60 else f"{text[:57]}..."
