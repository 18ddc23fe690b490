"""Words of a statement on one line, with the blanks that the one form has."""

from __future__ import annotations

from collections.abc import Sequence

from lark import Token

VALUES = {"NAME", "NUMBER", "STRING", "CONSTANT"}
"""Kinds of words that are values."""

DECLARING = {"input", "state", "weight"}
"""Words with which statements begin whose third word may be a shape."""


def joined(words: Sequence[Token], start: int = 0, stop: int | None = None) -> str:
    """Some words of a statement on one line."""
    end = len(words) if stop is None else stop
    pieces = [(" " if index > start and apart(words, index) else "") + str(words[index]) for index in range(start, end)]
    return "".join(pieces)


def apart(words: Sequence[Token], index: int) -> bool:
    """Whether there is a blank before a word."""
    word, before = str(words[index]), str(words[index - 1])
    if before in ("(", "[", ".") or word in (",", ")", "]", ".", ":"):
        return False
    if is_sign(words, index - 1):
        return False
    if word == "(":
        return not is_name(words, index - 1)
    if word == "[":
        return index == 2 and str(words[0]) in DECLARING
    return True


def is_sign(words: Sequence[Token], index: int) -> bool:
    """Whether a word is the sign of what follows it, and no difference."""
    return str(words[index]) == "-" and (index == 0 or not ends_value(words, index - 1))


def ends_value(words: Sequence[Token], index: int) -> bool:
    """Whether a value ends with a word."""
    return words[index].type in VALUES or str(words[index]) in (")", "]") or is_name(words, index)


def is_name(words: Sequence[Token], index: int) -> bool:
    """Whether a word is a name: behind a dot, all are."""
    return words[index].type == "NAME" or (index > 0 and str(words[index - 1]) == ".")
