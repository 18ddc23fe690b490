"""Text of flows into trees, by a grammar that is read when it is first needed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Protocol, cast

from lark import Lark, Token, Tree, UnexpectedCharacters, UnexpectedInput, UnexpectedToken
from lark.lexer import TerminalDef

from rlxc.diagnostics import RlxcError, SourceLocation, did_you_mean
from rlxc.flow.language.source import FlowText

LONGEST_TEXT = 2**20
"""Characters."""

DEEPEST = 60
"""How deep blocks and expressions nest, counted in rules of the grammar."""

READABLE = {
    "NAME": "a name",
    "STRING": "a string",
    "NUMBER": "a number",
    "CONSTANT": "true, false or none",
    "$END": "the end of the file",
    "COMPARISON": "a comparison",
    "SUM": "'+'",
    "PRODUCT": "'*'",
}
"""Kinds of words in messages."""

OPERATORS = {"SUM", "PRODUCT", "COMPARISON", "OR", "AND", "DOT", "LSQB", "__ANON_0"}
"""What may follow any value: messages leave it out."""


class TextParser(Protocol):
    """What is used of `Lark`, with the types that it has."""

    @property
    def terminals(self) -> list[TerminalDef]:
        """The kinds of words."""
        ...

    def parse(self, text: str) -> Tree[Token]:
        """The tree of a text."""
        ...

    def lex(self, text: str, dont_ignore: bool) -> Iterator[Token]:
        """The words of a text, and with `dont_ignore` what is between them."""
        ...


@cache
def parser() -> TextParser:
    """The parser."""
    grammar = files("rlxc.flow.language").joinpath("flow.lark").read_text("utf-8")
    return cast(TextParser, Lark(grammar, parser="lalr", propagate_positions=True, maybe_placeholders=False))


def parse(source: FlowText) -> Tree[Token]:
    """The tree of a text. Raises RlxcError, with the place, if it is no flow."""
    if len(source.text) > LONGEST_TEXT:
        raise RlxcError(f"'{source.name}' has {len(source.text)} characters, more than {LONGEST_TEXT}")
    try:
        tree = parser().parse(source.text)
    except UnexpectedInput as error:
        raise syntax_error(source, error) from error
    check_depth(source, tree)
    return tree


def words_and_comments(source: FlowText) -> list[Token]:
    """The words of a text that is a flow, and its comments."""
    return [word for word in parser().lex(source.text, dont_ignore=True) if word.type != "WS"]


def check_depth(source: FlowText, tree: Tree[Token]) -> None:
    """Raise RlxcError if rules nest too deeply for what walks them."""
    level = [tree]
    for _ in range(DEEPEST):
        level = [child for node in level for child in node.children if isinstance(child, Tree)]
    if level:
        raise source.error(level[0], "this is nested too deeply", "take a value out with 'let', or a block out")


def syntax_error(source: FlowText, error: UnexpectedInput) -> RlxcError:
    """The report of an error of lark."""
    if isinstance(error, UnexpectedCharacters):
        return character_error(source, error)
    assert isinstance(error, UnexpectedToken)
    token = cast(Token, cast(object, error.token))  # of an unknown type in lark
    if token.type == "$END":
        lines = source.text.rstrip().split("\n")
        place = SourceLocation(source.name, len(lines), len(lines[-1]) + 1)
        return source.error_at(place, "unexpected end of the file", wanted(error.expected))
    place = SourceLocation(source.name, token.line or 1, token.column or 1)
    close = did_you_mean(str(token), {word for word in map(keyword, error.expected) if word})
    return source.error_at(place, f"unexpected '{token}'{close}", wanted(error.expected))


def character_error(source: FlowText, error: UnexpectedCharacters) -> RlxcError:
    """The report of text that is no word."""
    place = SourceLocation(source.name, error.line, error.column)
    character = str(cast(object, error.char))
    if character == '"':
        return source.error_at(place, "a string without its end, or where none can be", "strings end in the same line")
    return source.error_at(place, f"unexpected '{character}'", wanted(error.allowed or set()))


def wanted(kinds: set[str]) -> str:
    """`expected one of: ...`."""
    shown = sorted(readable(kind) for kind in kinds if kind not in OPERATORS or len(kinds) == 1)
    return f"expected {shown[0]}" if len(shown) == 1 else f"expected one of: {', '.join(shown)}"


def readable(kind: str) -> str:
    """What messages call a kind of word."""
    return READABLE.get(kind) or f"'{keyword(kind) or spelled(kind)}'"


def spelled(kind: str) -> str:
    """How a sign is written."""
    pattern = next((one.pattern.value for one in parser().terminals if one.name == kind), kind)
    return pattern.replace("\\", "")


def keyword(kind: str) -> str | None:
    """The word of a kind that is one word, as `residual`."""
    word = spelled(kind)
    return word if word.isalpha() and word.islower() else None
