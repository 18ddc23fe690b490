"""Where the result of a subcommand goes: a file, or the standard output."""

from __future__ import annotations

import sys

from rlxc.diagnostics.output import write_atomically


def write_result(data: str | bytes, path: str | None) -> None:
    """Write `data` to the file `path`, or to the standard output if it is None or `-`."""
    if path is not None and path != "-":
        write_atomically(path, data)
    elif isinstance(data, bytes):
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
    else:
        sys.stdout.write(data)
