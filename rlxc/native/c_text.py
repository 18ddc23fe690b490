"""Words of C: identifiers, strings, comments and types."""

from __future__ import annotations

import re
from collections.abc import Iterable

RESERVED = frozenset(
    """
    auto bool break case char const continue default do double else enum extern false float for goto if inline int
    long register restrict return short signed sizeof static struct switch true typedef union unsigned void volatile
    while and asm catch class delete explicit export friend mutable namespace new not operator or private protected
    public template this throw try typename using virtual xor
    """.split()
)
"""The words of C99 and C++ that no variable can have as its name."""

TYPES = {
    "f32": "float",
    "f64": "double",
    "i1": "bool",
    "i8": "int8_t",
    "i32": "int32_t",
    "i64": "int64_t",
    "index": "int64_t",
}
"""The C type of each element type."""


class Names:
    """Gives out C identifiers, each only once.

    `taken` are in use from the start; the names made by appending one of `derived` to a name
    are in use together with it.
    """

    def __init__(self, taken: Iterable[str] = (), derived: Iterable[str] = ()) -> None:
        self._taken = set(taken)
        self._endings = ("", *derived)

    def identifier(self, text: str) -> str:
        """An identifier like `text` that is not in use yet."""
        base = re.sub(r"\W", "_", text, flags=re.ASCII)
        base = f"_{base}" if not base or base[0].isdigit() else base
        base = f"{base}_" if base in RESERVED else base
        name, count = base, 1
        while any(name + ending in self._taken for ending in self._endings):
            count += 1
            name = f"{base}_{count}"
        self._taken.update(name + ending for ending in self._endings)
        return name


def is_identifier(text: str) -> bool:
    """Whether `text` can stand in C as it is."""
    return re.fullmatch(r"[A-Za-z_]\w*", text, flags=re.ASCII) is not None and text not in RESERVED


def string(text: str) -> str:
    """`text` as a string literal, in UTF-8."""
    plain = set(b" !#$%&'()*+,-./:;<=>@[]^_`{|}~") | set(range(ord("0"), ord("9") + 1))
    plain |= set(range(ord("a"), ord("z") + 1)) | set(range(ord("A"), ord("Z") + 1))
    return '"' + "".join(chr(byte) if byte in plain else f"\\{byte:03o}" for byte in text.encode()) + '"'


def comment(text: str, indent: str = "") -> str:
    """`text` as a comment of one line or more."""
    first, *rest = text.replace("*/", "* /").splitlines() or [""]
    lines = [f"{indent}/* {first}", *(f"{indent} * {line}".rstrip() for line in rest)]
    return "\n".join(lines) + ("\n" + indent if rest else "") + " */"
