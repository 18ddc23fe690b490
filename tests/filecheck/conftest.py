"""Collects `.mlir` and `.flow` files: each of their RUN lines is a test. See `tests/support/filecheck_runner`."""
# pytest does not annotate the arguments of its nodes:
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from filecheck_runner import RunLine, RunLineError, StepFailed, run, run_lines, unread_directives


class TextTest(pytest.File):
    """A file of RUN lines."""

    def collect(self) -> Iterator[pytest.Item]:
        """One item a RUN line. A file, or a CHECK line, that could never fail is an error."""
        text = self.path.read_text(encoding="utf-8")
        try:
            lines = list(run_lines(text))
            unread = list(unread_directives(text, lines))
        except RunLineError as error:
            raise self.CollectError(f"{self.path}: {error}") from error
        if not lines:
            raise self.CollectError(f"{self.path}: no RUN line")
        if unread:
            raise self.CollectError("\n".join([str(self.path), *unread]))
        for line in lines:
            yield RunLineTest.from_parent(self, name=f"L{line.number}", line=line)


class RunLineTest(pytest.Item):
    """A RUN line."""

    def __init__(self, *, line: RunLine, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.line = line

    def runtest(self) -> None:
        """Run it in this process."""
        run(self.line, self.path)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> str:
        """Show what failed; where in the program only if the program is wrong."""
        expected = isinstance(excinfo.value, StepFailed | RunLineError)
        return f"RUN: {self.line.text}\n{excinfo.value if expected else super().repr_failure(excinfo, style)}"

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the RUN line is."""
        return self.path, self.line.number - 1, f"{self.path.name}:{self.line.number}"


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Make a test of each `.mlir` and each `.flow` file."""
    return TextTest.from_parent(parent, path=file_path) if file_path.suffix in (".mlir", ".flow") else None
