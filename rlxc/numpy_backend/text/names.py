"""Names in the printed module: valid, never a keyword or a builtin, never something else's."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Container, Iterator

RESERVED = frozenset((*keyword.kwlist, *keyword.softkwlist, *dir(builtins), "np", "params", "self"))
"""Names that the printed code never gives to a value."""


def identifier(text: str) -> str:
    """A Python identifier that reads like `text`: letters, digits and underscores of ASCII."""
    name = re.sub(r"[^A-Za-z0-9_]+", "_", text).strip("_")
    if not name or name[0].isdigit():
        name = f"v{name}"
    return f"{name}_" if name in RESERVED else name


def candidates(name: str) -> Iterator[str]:
    """`name`, `name_1`, `name_2`, ..."""
    yield name
    number = 1
    while True:
        yield f"{name}_{number}"
        number += 1


def unused(text: str, taken: Container[str]) -> str:
    """The first identifier made from `text` that is not taken."""
    return next(name for name in candidates(identifier(text)) if name not in taken)
