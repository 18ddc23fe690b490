"""Running a RUN line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from filecheck_runner.run_lines import Command, RunLine
from filecheck_runner.tools import Finished, run_command


class StepFailed(Exception):
    """A command did not end as it had to. The text shows what it wrote to standard error, and its input."""

    def __init__(self, finished: Finished) -> None:
        self.finished = finished
        super().__init__(
            f"{finished.command}\n"
            f"exit code {finished.exit_code}, expected {'a failure' if finished.command.must_fail else '0'}\n"
            f"{section('standard error', finished.errors)}{section('standard input', finished.input)}"
        )


def run(line: RunLine, test: Path) -> None:
    """Run a RUN line of the file `test`. Raises StepFailed or RunLineError."""
    with TemporaryDirectory(prefix="rlxc-filecheck-") as directory:
        values = {"s": str(test), "S": str(test.parent), "t": f"{directory}/{test.stem}"}
        for pipeline in line.steps():
            run_pipeline([command.substituted(values) for command in pipeline])


def run_pipeline(pipeline: Sequence[Command]) -> None:
    """Run commands, each on the output of the one before."""
    stream = b""
    for command in pipeline:
        finished = run_command(command, stream)
        if not finished.as_expected:
            raise StepFailed(finished)
        stream = finished.output


def section(title: str, data: bytes) -> str:
    """What went through a stream, under a title; nothing if nothing did."""
    return f"--- {title}\n{data.decode('utf-8', 'replace').rstrip()}\n" if data else ""
