"""Input files, and what can be wrong with them before a parser sees them."""

from __future__ import annotations

import sys
from pathlib import Path

from rlxc.diagnostics.errors import RlxcError, SourceLocation
from rlxc.diagnostics.suggest import did_you_mean

STANDARD_INPUT = "<stdin>"
"""What locations call the standard input."""


def is_flow(path: str) -> bool:
    """Whether a file is a flow as text, by its name."""
    return Path(path).suffix.lower() == ".flow"


def read_text(path: str) -> tuple[str, str]:
    """The text of a file (`-`: of the standard input), and the name for its locations.

    Raises RlxcError, naming the path and the reason, if it cannot be read or is not UTF-8.
    """
    name = STANDARD_INPUT if path == "-" else path
    data = sys.stdin.buffer.read() if path == "-" else read_bytes(Path(path))
    return decoded(data, name), name


def decoded(data: bytes, name: str) -> str:
    """The text of the file `name`. Raises RlxcError, with the place, if it is not UTF-8."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RlxcError(
            f"not UTF-8 text: byte 0x{data[error.start]:02x}",
            location=_place(name, data, error.start),
            hint="mlir-opt turns bytecode into text" if data.startswith(b"ML\xefR") else "rlxc reads text",
        ) from error


def read_bytes(file: Path) -> bytes:
    """The content of a file. Raises RlxcError, naming the path and the reason, if it cannot be read."""
    try:
        return file.read_bytes()
    except FileNotFoundError as error:
        raise RlxcError(f"cannot read '{file}': no such file{did_you_mean(str(file), _beside(file))}") from error
    except OSError as error:
        raise RlxcError(f"cannot read '{file}': {error.strerror}") from error


def _place(name: str, data: bytes, offset: int) -> SourceLocation:
    before = data[:offset].decode("utf-8")
    return SourceLocation(name, before.count("\n") + 1, len(before) - before.rfind("\n"))


def _beside(path: Path) -> list[str]:
    """The files in the same directory."""
    try:
        return [str(path.with_name(entry.name)) for entry in path.parent.iterdir()]
    except OSError:
        return []
