"""The packages of the extra `rlxc[models]`, imported only when they are needed."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from rlxc.diagnostics import RlxcError


@contextmanager
def models_extra(what: str) -> Generator[None]:
    """Turn a missing package into an RlxcError that says what needs it and how to get it."""
    try:
        yield
    except ImportError as error:
        raise RlxcError(f"{what} needs a package: {error}", hint="pip install 'rlxc[models]'") from error
