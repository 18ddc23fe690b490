"""The command `rlxc`: one subcommand a file.

Exit codes: 0 done, 1 the input is wrong or the work failed, 2 the command line is wrong.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from io import TextIOWrapper, UnsupportedOperation
from typing import TextIO

from rlxc.diagnostics.errors import RlxcError, UsageError
from rlxc.diagnostics.style import style_for

__all__ = ["main"]

INTERRUPTED = 130
"""Exit code after Ctrl-C, as a shell gives it."""

BROKEN_PIPE = 141
"""Exit code when the reader of the output went away, as a shell gives it."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run `rlxc` with the arguments `argv`, by default those of the process; the exit code."""
    code = exit_code(sys.argv[1:] if argv is None else argv)
    if code == INTERRUPTED and (idle := sys.modules.get("rlxc.runtime.idle_work")) is not None:
        idle.IDLE_WORK.give_up()
    return code


def exit_code(argv: Sequence[str]) -> int:
    """Run `rlxc`, and report what is wrong."""
    use_utf8(sys.stdout)
    try:
        code = dispatch(argv)
        sys.stdout.flush()
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else 0
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        drop_output()
        return BROKEN_PIPE
    except (RlxcError, OSError, RecursionError, MemoryError) as error:
        if "--traceback" in argv:
            raise
        if isinstance(error, OSError):
            drop_output()
        report = as_report(error)
        print(report.render(style_for(sys.stderr)), file=sys.stderr)
        return 2 if isinstance(report, UsageError) else 1
    return code


def dispatch(argv: Sequence[str]) -> int:
    """Run the subcommand that `argv` names. Without one, show the help: exit code 2."""
    from rlxc.cli.arguments import read_arguments

    chosen = read_arguments(argv)
    if chosen is None:
        return 2
    module, args = chosen
    return module.run(args)


def use_utf8(stream: TextIO) -> None:
    """Write UTF-8 whatever the locale says: MLIR text is UTF-8."""
    if isinstance(stream, TextIOWrapper):
        stream.reconfigure(encoding="utf-8")


def as_report(error: BaseException) -> RlxcError:
    """What to tell the user of an error that ended the program."""
    match error:
        case RlxcError():
            return error
        case OSError():
            where = f"{error.filename!r}: " if error.filename is not None else ""
            return RlxcError(f"{where}{error.strerror or error}")
        case RecursionError():
            return RlxcError("the input is nested too deeply")
        case _:
            return RlxcError("the memory of this machine does not suffice")


def drop_output() -> None:
    """Send what is still buffered for the standard output nowhere, so that the interpreter ends in silence."""
    with suppress(UnsupportedOperation), open(os.devnull, "w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
