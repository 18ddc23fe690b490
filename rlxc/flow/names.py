"""Names that become functions, arguments and C identifiers."""

from __future__ import annotations

import keyword
import re

from rlxc.diagnostics import RlxcError

IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def require_identifier(what: str, name: object) -> None:
    """Raise RlxcError unless `name` can be the name of a Python and a C variable."""
    if not isinstance(name, str) or not IDENTIFIER.fullmatch(name) or keyword.iskeyword(name):
        raise RlxcError(
            f"{what} must be an identifier, got {name!r}",
            hint="use letters, digits and underscores, starting with a letter; no Python keyword",
        )
