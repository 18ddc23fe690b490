"""A line of source text with a caret under one column, made safe to show on a terminal."""

from __future__ import annotations

from unicodedata import east_asian_width

WIDTH = 120
"""Longest excerpt, in characters. A line may hold megabytes of a dense literal."""

MARGIN = 40
"""Characters kept before the caret where a line is cut."""

ELLIPSIS = "..."


def printable(text: str) -> str:
    """`text` with every character escaped that could move the cursor or is not valid Unicode."""
    return "".join(
        character if character.isprintable() or character in "\n\t" else escaped(character) for character in text
    )


def escaped(character: str) -> str:
    """A character as a Python string literal would write it, in ASCII."""
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")


def excerpt(line: str, column: int) -> tuple[str, str]:
    """The part of `line` around `column` (counted from 1), and a line with a caret under that column."""
    line = line.rstrip("\r\n")
    position = min(max(column - 1, 0), len(line))
    start = position - MARGIN if len(line) > WIDTH and position > WIDTH - MARGIN else 0
    before, after = line[start:position], line[position : start + WIDTH]
    prefix = ELLIPSIS if start else ""
    suffix = ELLIPSIS if start + WIDTH < len(line) else ""
    shown = prefix + printable(before)
    return shown + printable(after) + suffix, padding(shown) + "^"


def padding(text: str) -> str:
    """Blanks as wide as `text` on a terminal; tabs stay tabs."""
    return "".join("\t" if character == "\t" else " " * columns(character) for character in text)


def columns(character: str) -> int:
    """How many terminal columns a character takes."""
    return 2 if east_asian_width(character) in "WF" else 1
