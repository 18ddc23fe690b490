"""MLIR text to LLVM IR text, by MLIR 22 in a subprocess: the Python bindings, or the command line tools."""

from __future__ import annotations

import importlib.util
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from rlxc.diagnostics import RlxcError
from rlxc.native import mlir_worker
from rlxc.native.extras import NATIVE_HINT
from rlxc.native.mlir_pipeline import AFFINE_TO_LLVM

MLIR_VERSION = "22"

TOOLS = ("mlir-opt", "mlir-translate")
"""The command line tools that lower and translate."""


def lower_with_bindings(text: str, timeout: float) -> str:
    """LLVM IR of a module at the affine level, by the `mlir` Python package."""
    if not have_bindings():
        raise RlxcError("the native target needs the MLIR 22 Python bindings", hint=NATIVE_HINT)
    worker = Path(mlir_worker.__file__)
    return run_mlir([sys.executable, "-P", str(worker), AFFINE_TO_LLVM], text, timeout)


def have_bindings() -> bool:
    """Whether the `mlir` Python package is installed (other wheels put tools into a package of that name)."""
    try:
        return importlib.util.find_spec("mlir.ir") is not None
    except ImportError:
        return False


def have_tools() -> bool:
    """Whether both command line tools are on PATH."""
    return all(shutil.which(name) for name in TOOLS)


def found_tools() -> list[tuple[str, int, int]]:
    """The files of the command line tools on PATH, with their sizes and times, without running them."""
    paths = [Path(path) for name in TOOLS if (path := shutil.which(name)) is not None]
    return [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in paths]


def lower_with_tools(text: str, timeout: float) -> str:
    """LLVM IR of a module at the affine level, by `mlir-opt` and `mlir-translate` on PATH."""
    optimizer, translator = map(find_tool, TOOLS)
    require_version(optimizer, timeout)
    lowered = run_mlir([optimizer, f"--pass-pipeline={AFFINE_TO_LLVM}"], text, timeout)
    return run_mlir([translator, "--mlir-to-llvmir"], lowered, timeout)


def find_tool(name: str) -> str:
    """The path of a command line tool of MLIR."""
    path = shutil.which(name)
    if path is None:
        raise RlxcError(f"'{name}' is not on PATH", hint=f"install MLIR {MLIR_VERSION}, or {NATIVE_HINT}")
    return path


def require_version(optimizer: str, timeout: float) -> None:
    """Raise unless `optimizer` is an mlir-opt of the one MLIR version whose text this project writes."""
    version = run_mlir([optimizer, "--version"], "", timeout)
    found = re.search(r"LLVM version (\d+)\S*", version)
    if found is None or found[1] != MLIR_VERSION:
        name = found[0] if found else "of unknown version"
        raise RlxcError(f"'{optimizer}' is {name}, rlxc needs MLIR {MLIR_VERSION}", hint=NATIVE_HINT)


def run_mlir(command: Sequence[str], text: str, timeout: float) -> str:
    """The standard output of `command` given `text`; any failure is one `RlxcError`.

    The whole error output is added to the error as a note.
    """
    try:
        done = subprocess.run(
            command, input=text, capture_output=True, encoding="utf-8", errors="replace", timeout=timeout, check=False
        )
    except subprocess.TimeoutExpired:
        raise RlxcError(f"MLIR did not finish within {timeout:g} s and was stopped") from None
    except OSError as error:
        raise RlxcError(f"cannot start MLIR: {error}") from error
    if done.returncode == 0:
        return done.stdout
    raise failure(done.returncode, done.stderr)


def failure(code: int, stderr: str) -> RlxcError:
    """What the exit code and the error output of a failed MLIR process say, in one line."""
    reason = diagnostic(stderr)
    if code == mlir_worker.NO_MLIR:
        error = RlxcError(f"the MLIR Python bindings do not load: {reason}", hint=NATIVE_HINT)
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
