"""Statements as lines of at most 100 columns, broken as a formatter would break them."""

from __future__ import annotations

import io
import re
import textwrap
import tokenize
from collections.abc import Iterator, Sequence
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
    yield from textwrap.wrap(
        printable, WIDTH, initial_indent=f"{margin}# ", subsequent_indent=f"{margin}#     ", break_long_words=False
    )


def docstring(text: str, depth: int) -> Iterator[str]:
    """A docstring on as many lines as it needs; a shape in brackets stays on one."""
    margin, glue = INDENT * depth, "\N{NO-BREAK SPACE}"
    whole = re.sub(r"\[[^]]*\]", lambda shape: shape[0].replace(" ", glue), f'"""{text}"""')
    for line in textwrap.wrap(whole, WIDTH, initial_indent=margin, subsequent_indent=margin):
        yield line.replace(glue, " ")


def wrapped(text: str, depth: int) -> Iterator[str]:
    """One statement, broken at an operator or between arguments if it is too long."""
    margin = INDENT * depth
    if len(margin + text) <= WIDTH:
        yield margin + text
        return
    width = WIDTH - len(margin)
    broken = _at_operators(text, width) or _at_arguments(text, width) or [text]
    for line in broken:
        yield margin + line


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
    target, assign, value = text.partition(" = ")
    places = [start for start, _, depth, token in _tokens(value) if depth == 0 and token in BINDINGS and start]
    if not assign or not places:
        return None
    if len(INDENT + value) <= width:
        return [f"{target} = (", INDENT + value, ")"]
    loosest = min(BINDINGS[_word(value, place)] for place in places)
    cuts = [0, *(place for place in places if BINDINGS[_word(value, place)] == loosest), len(value)]
    parts = [value[cut:end].strip() for cut, end in pairwise(cuts)]
    return [f"{target} = (", *(INDENT + part for part in parts), ")"]


def _at_arguments(text: str, width: int) -> list[str] | None:
    """`f(a, b)` as `f(`, `a,`, `b,`, `)`: at the last call that is not inside another."""
    tokens = list(_tokens(text))
    opening = [end for start, end, depth, token in tokens if token == "(" and depth == 0 and _is_call(text, start)]
    if not opening:
        return None
    closing = [start for start, _, depth, token in tokens if token == ")" and depth == 0 and start >= opening[-1]]
    start, end = opening[-1], closing[0]
    commas = [place for place, _, depth, token in tokens if token == "," and depth == 1 and start < place < end]
    cuts = [start, *(comma + 1 for comma in commas), end]
    if not commas or len(INDENT + text[start:end]) <= width:
        return [text[:start], INDENT + text[start:end], text[end:]]
    arguments = [text[cut:stop].strip().rstrip(",") for cut, stop in pairwise(cuts)]
    return [text[:start], *(f"{INDENT}{argument}," for argument in arguments if argument), text[end:]]


def _is_call(text: str, place: int) -> bool:
    return place > 0 and (text[place - 1].isalnum() or text[place - 1] == "_")


def _word(text: str, place: int) -> str:
    return text[place:].split(" ", 1)[0]


def _tokens(text: str) -> Iterator[tuple[int, int, int, str]]:
    """Start, end, depth in brackets and text of each token; a bracket has the depth of what is around it."""
    depth = 0
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        closes = token.type == tokenize.OP and token.string in ")]}"
        depth -= closes
        yield token.start[1], token.end[1], depth, token.string
        depth += token.type == tokenize.OP and token.string in "([{"
