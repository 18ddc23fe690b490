"""Checking the texts that a caller gives."""

from __future__ import annotations

from rlxc.diagnostics import RlxcError


def require_text(text: object, name: str = "the text") -> str:
    """The text. Raises RlxcError, which calls it `name`, unless it is a str that has a UTF-8 form."""
    if not isinstance(text, str):
        raise RlxcError(f"{name} is a {type(text).__name__}, expected a str")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise RlxcError(
            f"{name} is no Unicode text: {text[error.start]!a} at {error.start} is half a character",
            hint="decode its bytes as UTF-8",
        ) from None
    return text
