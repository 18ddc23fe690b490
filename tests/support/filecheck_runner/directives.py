"""CHECK lines that nothing reads: a check that cannot fail."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from filecheck_runner.run_lines import Command, RunLine
from filecheck_runner.tools import filecheck_options

DIRECTIVE = re.compile(r"\s*(?://|#)\s*([A-Z][A-Z0-9_-]*?)(-(DAG|COUNT-\d+|NOT|EMPTY|NEXT|SAME|LABEL))?(\{LITERAL})?:")
NOT_CHECKED = {"COM", "RUN"}


def unread_directives(test: str, lines: Iterable[RunLine]) -> Iterator[str]:
    """The lines of a test that look like CHECK lines, but have a prefix that no `filecheck` of its RUN lines reads."""
    read = NOT_CHECKED.union(*(prefixes(line) for line in lines))
    for number, text in enumerate(test.splitlines(), 1):
        if (found := DIRECTIVE.match(text)) and found[1] not in read:
            yield f"line {number}: no RUN line reads the prefix {found[1]}: {text.strip()}"


def prefixes(line: RunLine) -> set[str]:
    """The prefixes that the commands `filecheck` of a line read. Raises RunLineError."""
    commands = [command for pipeline in line.steps() for command in pipeline]
    return {prefix for command in commands if command.words[0] == "filecheck" for prefix in prefixes_of(command)}


def prefixes_of(filecheck: Command) -> Sequence[str]:
    """The prefixes that a command `filecheck` reads."""
    return filecheck_options(filecheck.words[1:]).check_prefixes
