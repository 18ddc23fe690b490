"""What code of rlxc is running."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path


@cache
def fingerprint() -> str:
    """Text that changes with the code of rlxc: while it is developed, its version does not tell."""
    return repr(sorted(source_files(Path(__file__).parents[1])))


def source_files(directory: Path) -> Iterator[tuple[str, int, int]]:
    """The Python files below a directory, with their sizes and times."""
    for path, _, names in os.walk(directory, followlinks=True):
        for name in names:
            if name.endswith((".py", ".lark")):
                status = os.stat(os.path.join(path, name))
                yield os.path.join(path, name), status.st_size, status.st_mtime_ns
