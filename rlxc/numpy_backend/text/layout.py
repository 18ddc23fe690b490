"""Statements as lines of at most 100 columns, broken as a formatter would break them."""

from __future__ import annotations

import io
import re
import textwrap
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rlxc.numpy_backend.text.expression import BINDINGS
from rlxc.numpy_backend.text.statements import Statement

WIDTH = 100
INDENT = "    "


def lines(statements: Sequence[Statement], depth: int) -> Iterator[str]:
    """The text of statements; a comment where another source operation begins, and space around long groups."""
    groups = _groups(statements)
    for number, group in enumerate(groups):
        if number and group[0].source and not _is_short(groups[number - 1], group):
            yield ""
        if group[0].source:
            yield from comment(group[0].source, depth)
        for statement in group:
            yield from wrapped(statement.text, depth)
            yield from lines(statement.body, depth + 1)


def comment(text: str, depth: int) -> Iterator[str]:
    """`# text` on as many lines as it needs; whatever does not print is escaped."""
    printable = "".join(mark if mark.isprintable() else repr(mark)[1:-1] for mark in text)
    margin = INDENT * depth
    return _filled(printable.replace(" = ", f"{_GLUE}={_GLUE}"), f"{margin}# ", f"{margin}#     ")


def docstring(text: str, depth: int) -> Iterator[str]:
    """A docstring on as many lines as it needs; a shape in brackets stays on one."""
    whole = re.sub(r"\[[^]]*\]", lambda shape: shape[0].replace(" ", _GLUE), f'"""{text}"""')
    return _filled(whole, INDENT * depth, INDENT * depth)


_GLUE = "\N{NO-BREAK SPACE}"
"""A space at which no line ends; none is in a text that prints."""


def _filled(text: str, first: str, other: str) -> Iterator[str]:
    """The text in lines, the first one behind `first`."""
    lines = textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=other, break_long_words=False)
    return (line.replace(_GLUE, " ") for line in lines)


def wrapped(text: str, depth: int, end: str = "") -> Iterator[str]:
    """One statement, broken at an operator or between arguments if it is too long with `end` behind it."""
    width = WIDTH - len(INDENT * depth)
    short = len(text + end) <= width
    broken = [text] if short else _at_operators(text, width) or _at_arguments(text, width) or [text]
    for line in (*broken[:-1], broken[-1] + end):
        yield INDENT * depth + line


def _groups(statements: Sequence[Statement]) -> list[list[Statement]]:
    """Runs of statements from the same source operation."""
    groups: list[list[Statement]] = []
    for statement in statements:
        if groups and groups[-1][0].source == statement.source:
            groups[-1].append(statement)
        else:
            groups.append([statement])
    return groups


def _is_short(*groups: Sequence[Statement]) -> bool:
    """Whether the groups are one line each, under a comment."""
    return all(len(group) == 1 and group[0].source and not group[0].body for group in groups)


def _at_operators(text: str, width: int) -> list[str] | None:
    """`x = a + b` as `x = (`, `a`, `+ b`, `)`."""
    tokens = [token for token in _tokens(text) if token.depth == 0 and token.is_spaced(text)]
    assign = next((token.end for token in tokens if token.text == "="), None)
    operators = [token for token in tokens if token.text in BINDINGS]
    if assign is None or not operators:
        return None
    value = text[assign + 1 :]
    if len(INDENT + value) <= width:
        return [f"{text[:assign]} (", INDENT + value, ")"]
    loosest = min(BINDINGS[operator.text] for operator in operators)
    cuts = [operator.start for operator in operators if BINDINGS[operator.text] == loosest]
    parts = [text[cut:end].strip() for cut, end in pairwise([assign, *cuts, len(text)])]
    return [f"{text[:assign]} (", *(INDENT + part for part in parts), ")"]


def _at_arguments(text: str, width: int) -> list[str] | None:
    """`f(a, b)` as `f(`, `a,`, `b,`, `)`: at the last call that is not inside another."""
    tokens = list(_tokens(text))
    opening = [token.end for token in tokens if token.depth == 0 and token.text == "(" and token.follows_name(text)]
    if not opening:
        return None
    start = opening[-1]
    end = next(token.start for token in tokens if token.depth == 0 and token.text == ")" and token.start >= start)
    commas = [token.start for token in tokens if token.depth == 1 and token.text == "," and start < token.start < end]
    if not commas or len(INDENT + text[start:end]) <= width:
        return [text[:start], INDENT + text[start:end], text[end:]]
    cuts = [start, *(comma + 1 for comma in commas), end + 1]
    arguments = (text[cut : stop - 1].strip() for cut, stop in pairwise(cuts))
    return [text[:start], *(f"{INDENT}{argument}," for argument in arguments), text[end:]]


@dataclass(frozen=True)
class _Token:
    """A token of a line, with the depth in brackets of what is around it."""

    text: str
    start: int
    end: int
    depth: int

    def is_spaced(self, line: str) -> bool:
        """Whether it stands between spaces, as binary operators do."""
        return line[self.start - 1 : self.start] == line[self.end : self.end + 1] == " "

    def follows_name(self, line: str) -> bool:
        """Whether a name ends right before it."""
        before = line[self.start - 1 : self.start]
        return before.isalnum() or before == "_"


def _tokens(line: str) -> Iterator[_Token]:
    depth = 0
    for token in tokenize.generate_tokens(io.StringIO(line).readline):
        bracket = token.string if token.type == tokenize.OP else ""
        depth -= bracket in (")", "]", "}")
        yield _Token(token.string, token.start[1], token.end[1], depth)
        depth += bracket in ("(", "[", "{")
