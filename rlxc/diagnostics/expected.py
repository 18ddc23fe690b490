"""Diagnostics that a test file expects of itself, in comments, as MLIR's `-verify-diagnostics` reads them.

```mlir
// expected-error@+1 {{unknown operation 'rlx.atention'}}
%0 = rlx.atention %q, %k, %v
%1 = rlx.rope %q, %cos, %sin  // expected-remark {{missed}}
```

The line is that of the comment, or `@+n`, `@-n` lines away, or the nearest line without such a
comment `@above` or `@below`; `@unknown` stands for a diagnostic without a place. A line holds
at most one. `expected-error-re` reads `{{...}}` within the braces as regular expressions. In `.flow`
files comments begin with `#`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, cast

from rlxc.diagnostics.errors import RlxcError, SourceLocation
from rlxc.diagnostics.input import is_flow

DiagnosticKind = Literal["error", "warning", "remark", "note"]

_DESIGNATOR = re.compile(
    r"expected-(?P<kind>error|warning|remark|note)(?P<regex>-re)?\s*"
    r"(?:@(?P<line>[+-]\d+|above|below|unknown))?\s*\{\{(?P<text>.*)\}\}"
)


@dataclass(frozen=True)
class Reported:
    """A diagnostic that was reported."""

    kind: DiagnosticKind
    message: str
    location: SourceLocation | None

    def error(self) -> RlxcError:
        """The complaint that nobody expected it."""
        return RlxcError(f"unexpected {self.kind}: {self.message}", location=self.location)


@dataclass(frozen=True)
class Expected:
    """A diagnostic that a comment asks for; `line` is None for one without a place."""

    kind: DiagnosticKind
    line: int | None
    pattern: re.Pattern[str]
    text: str
    comment: SourceLocation

    def matches(self, reported: Reported) -> bool:
        """Whether `reported` is what the comment asks for."""
        line = reported.location.line if reported.location else None
        return self.kind == reported.kind and self.line == line and self.pattern.search(reported.message) is not None

    def error(self) -> RlxcError:
        """The complaint that it was not reported."""
        return RlxcError(f"expected {self.kind} was not produced: {self.text}", location=self.comment)


def check_expected(
    expected: Iterable[Expected], reported: Iterable[Reported], optional: Iterable[Reported] = ()
) -> list[RlxcError]:
    """Match each expected diagnostic with a reported one; a complaint for each that is left over on either side.

    Those of `optional` may be expected, and need not.
    """
    missing = list(expected)
    unexpected: list[Reported] = []
    for diagnostic in optional:
        if (match := first_match(missing, diagnostic)) is not None:
            missing.remove(match)
    for diagnostic in reported:
        if (match := first_match(missing, diagnostic)) is not None:
            missing.remove(match)
        else:
            unexpected.append(diagnostic)
    return [*(diagnostic.error() for diagnostic in unexpected), *(candidate.error() for candidate in missing)]


def first_match(candidates: Iterable[Expected], diagnostic: Reported) -> Expected | None:
    """The first of the expected diagnostics that `diagnostic` meets."""
    return next((candidate for candidate in candidates if candidate.matches(diagnostic)), None)


def expected_diagnostics(text: str, name: str) -> Iterator[Expected]:
    """What the comments in `text`, the content of the file called `name`, expect."""
    lines = text.split("\n")
    opening = "#" if is_flow(name) else "//"
    for number, line in enumerate(lines, start=1):
        match = _DESIGNATOR.search(line, line.find(opening)) if opening in line else None
        if match is not None:
            comment = SourceLocation(name, number, match.start() + 1)
            yield Expected(
                kind=cast(DiagnosticKind, match["kind"]),
                line=_target_line(match["line"], number, lines),
                pattern=_pattern(match, comment),
                text=match["text"],
                comment=comment,
            )


def _target_line(where: str | None, number: int, lines: Sequence[str]) -> int | None:
    match where:
        case None:
            return number
        case "unknown":
            return None
        case "above":
            return _nearest_plain_line(range(number - 1, 0, -1), lines)
        case "below":
            return _nearest_plain_line(range(number + 1, len(lines) + 1), lines)
        case offset:
            return number + int(offset)


def _nearest_plain_line(candidates: Iterable[int], lines: Sequence[str]) -> int:
    """The first of the lines that holds no comment of this kind; 0, which matches nothing, if all do."""
    return next((number for number in candidates if _DESIGNATOR.search(lines[number - 1]) is None), 0)


def _pattern(match: re.Match[str], comment: SourceLocation) -> re.Pattern[str]:
    """What the braces hold: literal text, or with `-re` text around expressions in double braces."""
    pieces = re.split(r"\{\{(.*?)\}\}", match["text"]) if match["regex"] else [match["text"]]
    try:
        return re.compile("".join(piece if index % 2 else re.escape(piece) for index, piece in enumerate(pieces)))
    except re.error as error:
        raise RlxcError(f"not a regular expression: {error}", location=comment) from error
