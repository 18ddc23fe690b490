"""Output files that are either complete or not there."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from rlxc.diagnostics.errors import RlxcError


def write_atomically(path: str | Path, data: str | bytes) -> None:
    """Write `data` (text as UTF-8) to `path`: all of it, or nothing at all.

    The data goes to a temporary file in the same directory, which then takes the name. An
    existing file keeps its mode; a symbolic link stays one; devices and pipes are written
    to directly. Raises RlxcError, naming the path and the reason, if that is not possible.
    """
    content = data.encode("utf-8") if isinstance(data, str) else data
    try:
        _write(Path(os.path.realpath(path)), content)
    except OSError as error:
        raise RlxcError(f"cannot write '{path}': {error.strerror}", hint=_remedy(Path(path))) from error


def _write(target: Path, content: bytes) -> None:
    if target.exists() and not target.is_file():
        target.write_bytes(content)
        return
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    try:
        with temporary.open("xb") as stream:
            stream.write(content)
        _keep_mode(target, temporary)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def _keep_mode(target: Path, temporary: Path) -> None:
    if target.exists():
        if not os.access(target, os.W_OK):
            raise PermissionError(None, "the file is read-only")
        temporary.chmod(target.stat().st_mode & 0o777)


def _remedy(path: Path) -> str | None:
    parent = path.parent
    if not parent.exists():
        return f"create the directory '{parent}' first"
    if path.is_dir():
        return "give the name of a file, not of a directory"
    return None
