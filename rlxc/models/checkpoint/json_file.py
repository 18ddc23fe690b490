"""JSON files that others wrote: bounded, and every number finite."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from rlxc.diagnostics import RlxcError, SourceLocation
from rlxc.diagnostics.input import read_bytes

MEGABYTE = 2**20


def read_object(path: Path, most: int = 16 * MEGABYTE) -> dict[str, Any]:
    """The JSON object in a file of at most `most` bytes.

    Raises RlxcError as `read_json` does, and if it is no object.
    """
    value = read_json(path, most)
    if not isinstance(value, dict):
        raise unreadable(path, f"it holds a JSON {type(value).__name__}, expected an object")
    return cast("dict[str, Any]", value)


def read_json(path: Path, most: int = 16 * MEGABYTE) -> object:
    """The JSON value in a file of at most `most` bytes.

    Raises RlxcError if the file cannot be read or is larger, if it is not JSON or nested too deeply,
    or if it holds NaN or infinity.
    """
    require_regular(path)
    if (size := path.stat().st_size) > most:
        raise unreadable(path, f"it has {size} bytes, more than the {most} that such a file may have")
    value = _parsed(path, read_bytes(path))
    for key in _not_finite(value):
        raise unreadable(path, f"'{key}' is not a finite number", "give a number, or leave the key out")
    return value


def require_regular(path: Path) -> None:
    """Raise RlxcError unless `path` is a file: a pipe or a device would be waited for, and a directory has no bytes."""
    try:
        exists, regular = path.exists(), path.is_file()
    except (OSError, ValueError) as error:  # a loop of links, a name with a zero byte
        raise unreadable(path, str(error)) from error
    if not regular:
        raise unreadable(path, "it is not a regular file" if exists else "there is no such file")


def unreadable(path: Path, problem: str, hint: str | None = None) -> RlxcError:
    """The error for a file that cannot be read."""
    return RlxcError(f"cannot read '{path}': {problem}", hint=hint)


def _parsed(path: Path, data: bytes) -> object:
    try:
        return json.loads(data.decode("utf-8"))
    except json.JSONDecodeError as error:
        place = SourceLocation(str(path), error.lineno, error.colno)
        raise RlxcError(f"not JSON: {error.msg}", location=place) from error
    except UnicodeDecodeError as error:
        raise unreadable(path, f"it is not UTF-8 text: byte 0x{data[error.start]:02x} at {error.start}") from error
    except (RecursionError, ValueError) as error:  # an integer of too many digits
        problem = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise unreadable(path, problem) from error


def _not_finite(value: object, key: str = "") -> Iterator[str]:
    """The keys of numbers that are NaN or infinite, as `rope_scaling.factor`."""
    if isinstance(value, float) and not math.isfinite(value):
        yield key
    elif isinstance(value, Mapping):
        for name, item in cast("Mapping[str, object]", value).items():
            yield from _not_finite(item, f"{key}.{name}" if key else name)
    elif isinstance(value, list):
        for item in cast("list[object]", value):
            yield from _not_finite(item, key)


def read_flag(path: Path, values: Mapping[str, Any], key: str, default: bool) -> bool:
    """A value of the object in a file that is true or false; `default` where there is none."""
    value = values.get(key)
    if value is not None and not isinstance(value, bool):
        raise unreadable(path, f"'{key}' is {value!r:.80}, expected true or false")
    return default if value is None else value
