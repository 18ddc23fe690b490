"""Object code to a shared library, with the C compiler of the machine."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rlxc.diagnostics import RlxcError, write_atomically


def link_shared(objects: Sequence[bytes], path: Path) -> None:
    """Write the shared library of some objects to `path`, all of it or nothing."""
    compiler = c_compiler()
    with tempfile.TemporaryDirectory(prefix="rlxc-") as name:
        library = Path(name, "library.so")
        files = [Path(name, f"code{number}.o") for number in range(len(objects))]
        for file, code in zip(files, objects, strict=True):
            file.write_bytes(code)
        run_linker([compiler, "-shared", "-o", str(library), *map(str, files), "-lm"])
        write_atomically(path, library.read_bytes())


def c_compiler() -> str:
    """The path of `cc`."""
    compiler = shutil.which("cc")
    if compiler is None:
        raise RlxcError(
            "a shared library needs the C compiler 'cc' to link, and none is on PATH",
            hint="install gcc or clang, or emit an object file (--emit=obj)",
        )
    return compiler


def run_linker(command: list[str]) -> None:
    """Run `command`; its complaints become one `RlxcError`, with all of them as a note."""
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True, errors="replace")
    except OSError as error:
        raise RlxcError(f"cannot start '{command[0]}': {error}") from error
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        failure = RlxcError(f"'{command[0]}' cannot link the shared library: {lines[-1]}")
        failure.add_note(done.stderr)
        raise failure
