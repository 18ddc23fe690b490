"""Colour on a terminal: where it is wanted, and the few styles that reports use."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TextIO


@dataclass(frozen=True)
class Style:
    """Wraps text in terminal escapes, or leaves it alone."""

    coloured: bool

    def bold(self, text: str) -> str:
        """Text that matters: places and messages."""
        return self._wrap("1", text)

    def error(self, text: str) -> str:
        """The word that announces an error."""
        return self._wrap("1;31", text)

    def caret(self, text: str) -> str:
        """The caret under a source line."""
        return self._wrap("1;32", text)

    def hint(self, text: str) -> str:
        """The word that announces a hint."""
        return self._wrap("1;36", text)

    def _wrap(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.coloured else text


PLAIN = Style(coloured=False)


def style_for(stream: TextIO) -> Style:
    """Colour if `stream` is a terminal and the user has not set NO_COLOR (https://no-color.org)."""
    wanted = stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return Style(coloured=wanted)
