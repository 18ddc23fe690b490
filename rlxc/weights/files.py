"""Errors of weight files."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from rlxc.diagnostics import RlxcError

REMEDY = "the file is damaged or incomplete: make or download it again"


def damaged(path: Path, problem: str, hint: str = REMEDY) -> RlxcError:
    """The error for a file that cannot be read."""
    return RlxcError(f"cannot read weights from '{path}': {problem}", hint=hint)


@contextmanager
def reading(path: Path, *errors: type[Exception]) -> Generator[None]:
    """Turn `errors`, and those of the operating system, into an RlxcError about `path`."""
    try:
        yield
    except OSError as error:
        raise damaged(path, error.strerror or str(error), "check that the file exists and can be read") from error
    except errors as error:
        raise damaged(path, str(error) or type(error).__name__) from error
