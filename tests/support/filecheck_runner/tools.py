"""The tools that a RUN line may name. Those in Python run in this process: starting it for each would take minutes."""

from __future__ import annotations

import io
import subprocess
import sys
import traceback
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from unittest.mock import patch

from filecheck.matcher import Matcher
from filecheck.options import Options, parse_argv_options
from xdsl.ir import Attribute
from xdsl.utils.diagnostic import Diagnostic
from xdsl.utils.exceptions import ArgSpecParseError, DiagnosticException, ParseError
from xdsl.xdsl_opt_main import xDSLOptMain

from filecheck_runner.run_lines import Command, RunLineError
from mlir_tools import tools_directory

REJECTIONS = (ArgSpecParseError, DiagnosticException, FileNotFoundError, ParseError, ValueError)
"""How stock `xdsl-opt` says that it does not accept its input. Anything else is a crash, and never expected."""


def run_rlxc(arguments: Sequence[str]) -> int:
    """`rlxc`. An exception that gets out of it is a crash."""
    from rlxc.cli import main

    return main(arguments)


def run_xdsl_opt(arguments: Sequence[str]) -> int:
    """Stock `xdsl-opt`, which finds the dialect, the passes and the target through the entry point."""
    try:
        xDSLOptMain(args=arguments).run()
    except REJECTIONS:
        traceback.print_exc()
        return 1
    return 0


def run_filecheck(arguments: Sequence[str]) -> int:
    """`filecheck`."""
    return Matcher.from_opts(filecheck_options(arguments)).run()


def filecheck_options(arguments: Sequence[str]) -> Options:
    """What the arguments of `filecheck` say. Raises RunLineError."""
    try:
        return parse_argv_options(["filecheck", *arguments])
    except RuntimeError as error:
        raise RunLineError(f"filecheck: {error}") from error


def run_mlir_opt(arguments: Sequence[str]) -> int:
    """Stock `mlir-opt`, in a process of its own: on some input it aborts."""
    command = [str(tools_directory() / "mlir-opt"), *arguments]
    done = subprocess.run(command, input=sys.stdin.read(), capture_output=True, text=True, check=False)
    sys.stdout.write(done.stdout)
    sys.stderr.write(done.stderr)
    return done.returncode


TOOLS: Mapping[str, Callable[[Sequence[str]], int]] = {
    "rlxc": run_rlxc,
    "xdsl-opt": run_xdsl_opt,
    "filecheck": run_filecheck,
    "mlir-opt": run_mlir_opt,
}
"""Name -> what runs it with arguments and gives its exit code."""


@dataclass(frozen=True)
class Finished:
    """A command that has run."""

    command: Command
    exit_code: int
    input: bytes
    output: bytes
    errors: bytes

    @property
    def as_expected(self) -> bool:
        """Whether it succeeded, or failed if it had to."""
        return (self.exit_code != 0) == self.command.must_fail


def run_command(command: Command, stdin: bytes) -> Finished:
    """Run a command with `stdin` as its standard input. Raises RunLineError if there is no such tool."""
    name, *arguments = command.words
    if name not in TOOLS:
        raise RunLineError(f"unknown tool '{name}': expected one of {', '.join(TOOLS)}")
    output, errors = io.BytesIO(), io.BytesIO()
    with standard_streams(stdin, output, output if command.merge_errors else errors), unchanged_xdsl():
        try:
            code = TOOLS[name](arguments)
        except SystemExit as end:
            code = exit_code(end)
    return Finished(command, code, stdin, output.getvalue(), errors.getvalue())


@contextmanager
def standard_streams(stdin: bytes, stdout: io.BytesIO, stderr: io.BytesIO) -> Generator[None]:
    """Let `sys.stdin`, `sys.stdout` and `sys.stderr` be these."""
    source = io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8")
    out = io.TextIOWrapper(stdout, encoding="utf-8", write_through=True)
    err = out if stderr is stdout else io.TextIOWrapper(stderr, encoding="utf-8", write_through=True)
    with patch.object(sys, "stdin", source), redirect_stdout(out), redirect_stderr(err):
        yield
    for text in {out, err}:
        text.detach()


@contextmanager
def unchanged_xdsl() -> Generator[None]:
    """Undo what options of `xdsl-opt` do to the whole process: `--disable-verify` and `--syntax-highlight`."""
    with (
        patch.object(Attribute, "__post_init__", Attribute.__post_init__),
        patch.object(Diagnostic, "colored", Diagnostic.colored),
    ):
        yield


def exit_code(end: SystemExit) -> int:
    """The exit code that a process would have."""
    match end.code:
        case None:
            return 0
        case int(code):
            return code
        case message:
            print(message, file=sys.stderr)
            return 1
