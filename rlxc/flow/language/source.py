"""The text of a flow, and errors that point into it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, cast

from lark import Token, Tree

from rlxc.diagnostics import RlxcError, SourceLocation

Node: TypeAlias = "Tree[Token] | Token"
"""A part of the text: a rule with its parts, or a word."""


class MissingValue(RlxcError):
    """A config has no such key: `??` takes something else."""


@dataclass(frozen=True)
class FlowText:
    """The content of a file called `name`."""

    text: str
    name: str

    def place(self, node: Node) -> SourceLocation:
        """Where a part begins."""
        line, column = (node.line, node.column) if isinstance(node, Token) else (node.meta.line, node.meta.column)
        return SourceLocation(self.name, line or 1, column or 1)

    def line(self, number: int) -> str:
        """A line, counted from 1; empty beyond the end."""
        lines = self.text.split("\n")
        return lines[number - 1] if number <= len(lines) else ""

    def error(self, node: Node, message: str, hint: str | None = None) -> RlxcError:
        """The error about a part."""
        return self.error_at(self.place(node), message, hint)

    def error_at(self, place: SourceLocation, message: str, hint: str | None = None) -> RlxcError:
        """The error about a place."""
        return RlxcError(message, location=place, source_line=self.line(place.line), hint=hint)

    def missing(self, node: Node, message: str, hint: str | None = None) -> MissingValue:
        """The error about a value that the config lacks."""
        place = self.place(node)
        return MissingValue(message, location=place, source_line=self.line(place.line), hint=hint)


def parts(tree: Tree[Token]) -> list[Tree[Token]]:
    """The children of a rule that has no words among them."""
    return cast("list[Tree[Token]]", tree.children)


def words(tree: Tree[Token]) -> list[Token]:
    """The children of a rule that are words."""
    return [child for child in tree.children if isinstance(child, Token)]


def rules(tree: Tree[Token], *names: str) -> list[Tree[Token]]:
    """The children of a rule that are one of some rules."""
    return [child for child in tree.children if isinstance(child, Tree) and child.data in names]
