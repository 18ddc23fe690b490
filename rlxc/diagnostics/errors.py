"""The one error type that users of rlxc see, and how it looks on a terminal."""

from __future__ import annotations

from typing import NamedTuple

from rlxc.diagnostics.excerpt import excerpt, printable
from rlxc.diagnostics.style import PLAIN, Style


class SourceLocation(NamedTuple):
    """A place in a text: the file's name, the line and the column, both counted from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class RlxcError(ValueError):
    """The user's input or request cannot be served.

    `message` is one sentence that says what is wrong; `location` is where, `source_line` the
    text there, and `hint` what to do about it. `str()` gives the place and the message;
    `render()` all of it. The hint is also a note of the exception, so that a traceback shows it.
    """

    def __init__(
        self,
        message: str,
        *,
        location: SourceLocation | None = None,
        source_line: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.location = location
        self.source_line = source_line
        self.hint = hint
        if hint is not None:
            self.add_note(f"hint: {hint}")

    def __str__(self) -> str:
        return f"{self.location}: {self.message}" if self.location else self.message

    def quote(self, text: str, name: str) -> None:
        """Take the source line from `text`, if this error lies in the file called `name` and has none yet."""
        if self.location is None or self.source_line is not None or self.location.file != name:
            return
        lines = text.split("\n")
        if 0 < self.location.line <= len(lines):
            self.source_line = lines[self.location.line - 1]

    def render(self, style: Style = PLAIN) -> str:
        """The report for a terminal, without a newline at the end.

        ```
        layer.mlir:3:8: error: expected ')'
          %0 = f(
                 ^
        hint: close the list of operands
        ```
        """
        place = style.bold(f"{printable(str(self.location))}: ") if self.location else ""
        lines = [f"{place}{style.error('error: ')}{style.bold(printable(self.message))}"]
        if self.location and self.source_line and not self.source_line.isspace():
            line, caret = excerpt(self.source_line, self.location.column)
            lines += [line, style.caret(caret)]
        if self.hint is not None:
            lines.append(f"{style.hint('hint: ')}{printable(self.hint)}")
        return "\n".join(lines)


class UsageError(RlxcError):
    """The command line, not the input, is wrong: exit code 2."""
