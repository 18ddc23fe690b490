"""Several modules in one file, between lines that read `// -----`."""

from __future__ import annotations

import re
from collections.abc import Iterator

SEPARATOR = "// -----"


def split_input(text: str) -> Iterator[str]:
    """The parts of `text` between separator lines, behind blank lines, so that lines keep their numbers."""
    start = 0
    for match in re.finditer(rf"^{SEPARATOR}[ \t]*\r?$", text, re.MULTILINE):
        yield at_its_line(text, start, match.start())
        start = match.end()
    yield at_its_line(text, start, len(text))


def at_its_line(text: str, start: int, end: int) -> str:
    """The part of `text` from `start` to `end`, after as many newlines as come before it."""
    return "\n" * text.count("\n", 0, start) + text[start:end]
