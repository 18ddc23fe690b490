"""Errors of the library `tokenizers`."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from rlxc.diagnostics import RlxcError


@contextmanager
def building(source: str) -> Generator[None]:
    """Turn what the library raises into an RlxcError: it raises plain `Exception`s, and panics."""
    try:
        yield
    except (RlxcError, KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # a panic of Rust is no Exception
        raise RlxcError(f"cannot read the tokenizer of '{source}': {error}") from error
