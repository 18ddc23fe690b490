r"""What the RUN lines of a test say.

A line (in `.flow` files behind `#`) is a small part of a shell's language, and each is a test of its own:

    // RUN: rlxc opt -p rlx-unfuse %s | filecheck %s
    // RUN: not rlxc opt -p 'rlx-unfuse{only=what}' %s 2>&1 \
    // RUN:   | filecheck %s --check-prefix=WHAT
    // RUN: rlxc compile %s -o %t.py && filecheck %s --input-file=%t.py

- Tools: `rlxc`, `xdsl-opt` and `filecheck` (see `tools`).
- `|` passes standard output on; each command of a pipeline has to succeed.
- `not` before a command: it has to fail.
- `2>&1` after a command: its errors go where its output goes.
- `&&`: then run this.
- `\` at the end: the next RUN line continues this one.
- Quotes work as in a shell.

Substitutions:

- `%s`: the path of the test file.
- `%S`: the path of its directory.
- `%t`: a path in a temporary directory of this RUN line; the file does not exist yet.
- `%%`: a percent sign.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

RUN = re.compile(r"\s*(?://|#)\s*RUN:(.*)")
SUBSTITUTION = re.compile(r"%(%|\w+)")
UNSUPPORTED = {"<", ">", ">>", "2>", "&>", "&", ";", "||"}


class RunLineError(Exception):
    """A RUN line does not say what to run."""


@dataclass(frozen=True)
class Command:
    """A tool and its arguments."""

    words: Sequence[str]
    must_fail: bool = False
    merge_errors: bool = False

    def __str__(self) -> str:
        return shlex.join(self.words)

    def substituted(self, values: Mapping[str, str]) -> Command:
        """The command with the values of its substitutions. Raises RunLineError if one is unknown."""
        return replace(self, words=[substituted(word, values) for word in self.words])


@dataclass(frozen=True)
class RunLine:
    """A RUN line with its continuations, and the number of its first line."""

    number: int
    text: str

    def steps(self) -> list[list[Command]]:
        """The pipelines to run one after the other, without substitutions. Raises RunLineError."""
        return [[command(part) for part in split(step, "|")] for step in split(words(self.text), "&&")]


def run_lines(test: str) -> Iterator[RunLine]:
    """The RUN lines in the text of a test. Raises RunLineError if the last one has no end."""
    start, parts = 0, list[str]()
    for number, line in enumerate(test.splitlines(), 1):
        if found := RUN.match(line):
            start = start if parts else number
            parts.append(found[1].strip().removesuffix("\\").strip())
            if not found[1].rstrip().endswith("\\"):
                yield RunLine(start, " ".join(parts))
                parts = []
    if parts:
        raise RunLineError(f"line {start}: the RUN line ends with a backslash, but no other one follows")


def words(text: str) -> list[str]:
    """Split as a shell does, with `|` as a word of its own."""
    lexer = shlex.shlex(text, posix=True, punctuation_chars="|")
    lexer.whitespace_split = True
    lexer.commenters = ""
    try:
        return list(lexer)
    except ValueError as error:
        raise RunLineError(f"{error}: {text}") from error


def split(parts: Sequence[str], separator: str) -> list[list[str]]:
    """The runs of words between separators."""
    runs = [list(group) for is_separator, group in groupby(parts, separator.__eq__) if not is_separator]
    if len(runs) != parts.count(separator) + 1:
        raise RunLineError(f"no command on one side of '{separator}'")
    return runs


def command(parts: Sequence[str]) -> Command:
    """`[not] tool arguments [2>&1]`."""
    if bad := UNSUPPORTED.intersection(parts):
        raise RunLineError(f"'{bad.pop()}' is not supported in a RUN line")
    must_fail, merge_errors = parts[0] == "not", parts[-1] == "2>&1"
    inner = parts[must_fail : len(parts) - merge_errors]
    if not inner:
        raise RunLineError(f"no tool in '{' '.join(parts)}'")
    return Command(inner, must_fail, merge_errors)


def substituted(word: str, values: Mapping[str, str]) -> str:
    """`word` with the values of its substitutions."""

    def value(found: re.Match[str]) -> str:
        if found[1] == "%":
            return "%"
        if found[1] not in values:
            raise RunLineError(f"unknown substitution '{found[0]}'")
        return values[found[1]]

    return SUBSTITUTION.sub(value, word)
