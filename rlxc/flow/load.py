"""Flows from Python files."""

from __future__ import annotations

import linecache
import traceback
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Any, cast

from rlxc.diagnostics import RlxcError, SourceLocation, did_you_mean
from rlxc.diagnostics.input import read_bytes
from rlxc.flow.model_flow import ModelFlow
from rlxc.weights.open import Weights


@dataclass(frozen=True)
class LoadedFlow:
    """What a Python file defines: `flow`, and `weights` if it has its own."""

    flow: ModelFlow
    weights: Weights | None


def load_flow(path: str | Path) -> LoadedFlow:
    """Run a Python file that defines `flow`, a `ModelFlow`, and perhaps `weights`.

    `__name__` is `"__rlxc_flow__"` in it, so that `if __name__ == "__main__":` does not run. Raises
    RlxcError, with the line, if the file cannot be read or fails, or defines no flow.
    """
    file = Path(path)
    variables = run(file, compiled(file))
    flow = variables.get("flow")
    if flow is None:
        names = (name for name, value in variables.items() if isinstance(value, ModelFlow))
        raise RlxcError(
            f"'{file}' defines no 'flow'{did_you_mean('flow', names)}", hint="assign a rlxc.ModelFlow to 'flow'"
        )
    if not isinstance(flow, ModelFlow):
        raise RlxcError(f"'flow' in '{file}' is a {type(flow).__name__}, not a rlxc.ModelFlow")
    return LoadedFlow(flow, cast("Weights | None", variables.get("weights")))


def compiled(file: Path) -> CodeType:
    """The code of a file."""
    content = read_bytes(file)
    try:
        return compile(content, str(file), "exec")
    except SyntaxError as error:
        place = SourceLocation(str(file), error.lineno or 1, error.offset or 1)
        raise RlxcError(error.msg, location=place, source_line=error.text) from error
    except ValueError as error:
        raise RlxcError(f"cannot read '{file}': {error}", hint="it must be a Python file") from error


def run(file: Path, code: CodeType) -> dict[str, Any]:
    """The variables of a file after it has run."""
    variables: dict[str, Any] = {"__name__": "__rlxc_flow__", "__file__": str(file)}
    try:
        exec(code, variables)
    except RlxcError as error:
        if error.location is not None:
            raise
        place, line = place_in(file, error)
        raise RlxcError(error.message, location=place, source_line=line, hint=error.hint) from error
    except (Exception, SystemExit) as error:
        # Whatever a user's file raises is an error of that file; an exit would end rlxc in silence.
        place, line = place_in(file, error)
        raise RlxcError(f"{type(error).__name__}: {error}", location=place, source_line=line) from error
    return variables


def place_in(file: Path, error: BaseException) -> tuple[SourceLocation | None, str | None]:
    """The last line of the file that was running when the error was raised, and its text."""
    frames = [one for one in traceback.extract_tb(error.__traceback__) if one.filename == str(file)]
    if not frames:
        return None, None
    line = frames[-1].lineno or 1
    return SourceLocation(str(file), line, (frames[-1].colno or 0) + 1), linecache.getline(str(file), line)
