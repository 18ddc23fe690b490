"""The statements of a printed function, before they are text: so that what nobody reads can be left out."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache


@dataclass(frozen=True)
class Statement:
    """One line, or a compound statement with its body."""

    text: str
    source: str | None = None
    """The operation that it was made from, as a comment above says."""
    defines: str | None = None
    """The variable that it binds, if that is all it does: it can go where nobody reads that."""
    body: Sequence[Statement] = field(default=())

    @property
    def names_read(self) -> set[str]:
        """The names that the line mentions; a simple assignment does not read its target."""
        return names_in(self.text if self.defines is None else self.text.split("=", 1)[1])


@cache
def names_in(text: str) -> set[str]:
    """The names that a piece of code mentions, outside of its strings."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return {token.string for token in tokens if token.type == tokenize.NAME}


def without_unread(statements: Sequence[Statement], read: frozenset[str] | set[str] = frozenset()) -> list[Statement]:
    """The statements without assignments to variables that neither they nor `read`, what comes later, mention."""
    kept: list[Statement] = []
    for statement in reversed(statements):
        if statement.defines is not None and statement.defines not in read:
            continue
        if statement.body:
            statement = replace(statement, body=_loop_without_unread(statement.body, read))
            if not statement.body:
                continue
        kept.append(statement)
        read = (read - {statement.defines}).union(*(line.names_read for line in flat([statement])))
    return kept[::-1]


def flat(statements: Sequence[Statement]) -> Iterator[Statement]:
    """All statements, outer ones before inner ones."""
    for statement in statements:
        yield statement
        yield from flat(statement.body)


def _loop_without_unread(body: Sequence[Statement], read: frozenset[str] | set[str]) -> Sequence[Statement]:
    """The same for the body of a loop, of which each iteration may read what the one before it bound."""
    inside = set[str]().union(*(line.names_read for line in flat(body)))
    kept = without_unread(body, read | inside)
    return kept if len(kept) == len(body) else _loop_without_unread(kept, read)
