"""A statement in lines: one, or one for each argument if that is too long, or has comments or a last comma."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from lark import Token

from rlxc.flow.language.spacing import DECLARING, is_name, joined

WIDTH = 120
"""Longest line of what is not split, in characters."""

INDENT = "  "


class Group(NamedTuple):
    """A list in brackets: the indices of the brackets among the words."""

    start: int
    end: int


def laid_out(words: Sequence[Token], depth: int, suffix: str) -> list[str]:
    """The lines of a statement, comments that stand outside its lists first; `suffix` ends the last line."""
    plain = without_comments(words)
    group = list_of(plain)
    inside = {position(word) for word in comments_inside(words, group, plain)}
    outside = [word for word in words if is_comment(word) and position(word) not in inside]
    hoisted = [INDENT * depth + str(word).rstrip() for word in outside]
    whole = INDENT * depth + joined(without_last_commas(plain)) + suffix
    if group is None or not (inside or len(whole) > WIDTH or str(plain[group.end - 1]) == ","):
        return [*hoisted, whole]
    first = INDENT * depth + joined(plain, 0, group.start + 1)
    last = INDENT * depth + joined(plain, group.end) + suffix
    start, end = (position(plain[index]) for index in group)
    listed = [word for word in words if start <= position(word) < end]
    return [*hoisted, first, *arguments(listed, depth + 1), last]


def is_comment(word: Token) -> bool:
    """Whether a word is a comment."""
    return word.type == "COMMENT"


def without_comments(words: Sequence[Token]) -> list[Token]:
    """The words that mean something."""
    return [word for word in words if not is_comment(word)]


def without_last_commas(words: Sequence[Token]) -> list[Token]:
    """The words without commas at the end of lists."""
    following = [*map(str, words[1:]), ""]
    return [word for word, after in zip(words, following, strict=True) if str(word) != "," or after not in (")", "]")]


def list_of(words: Sequence[Token]) -> Group | None:
    """The last list that is in no other brackets and not empty."""
    found, opened = None, list[int]()
    for index, word in enumerate(words):
        if str(word) in ("(", "["):
            opened.append(index)
        elif str(word) in (")", "]"):
            start = opened.pop()
            if not opened and index > start + 1 and takes_commas(words, start):
                found = Group(start, index)
    return found


def takes_commas(words: Sequence[Token], index: int) -> bool:
    """Whether a bracket begins arguments or a shape: others enclose one expression."""
    if str(words[index]) == "[":
        return index == 2 and str(words[0]) in DECLARING
    return index > 0 and str(words[0]) != "model" and (is_name(words, index - 1) or words[index - 1].type == "STRING")


def comments_inside(words: Sequence[Token], group: Group | None, plain: Sequence[Token]) -> list[Token]:
    """The comments between the brackets of a list."""
    if group is None:
        return []
    start, end = position(plain[group.start]), position(plain[group.end])
    return [word for word in words if is_comment(word) and start < position(word) < end]


def arguments(words: Sequence[Token], depth: int) -> Iterator[str]:
    """The lines of what stands between the brackets of a list."""
    indent = INDENT * depth
    for argument in split(words):
        yield from (indent + str(comment).rstrip() for comment in argument.before)
        if argument.words:
            behind = "" if argument.behind is None else f"  {str(argument.behind).rstrip()}"
            yield f"{indent}{joined(without_last_commas(argument.words))},{behind}"


@dataclass
class Argument:
    """The words of an argument, the comments before it or in it, and the one behind it in its last line."""

    words: list[Token] = field(default_factory=list[Token])
    before: list[Token] = field(default_factory=list[Token])
    behind: Token | None = None


def split(words: Sequence[Token]) -> list[Argument]:
    """The arguments of a list; the last one may be comments alone."""
    found, depth = [Argument()], 0
    for before, word in pairwise(words):
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(str(word), 0)
        if str(word) == "," and depth == 0:
            found.append(Argument())
        elif not is_comment(word):
            # What was behind the words so far stands in the middle.
            found[-1].before += [] if found[-1].behind is None else [found[-1].behind]
            found[-1].behind = None
            found[-1].words.append(word)
        else:
            add_comment(found, word, same_line=word.line == before.end_line)
    return found


def add_comment(found: list[Argument], comment: Token, *, same_line: bool) -> None:
    """Put a comment behind the argument that ends in its line, or else before the next."""
    ended = found[-1] if found[-1].words or len(found) == 1 else found[-2]
    if same_line and ended.words and ended.behind is None:
        ended.behind = comment
    else:
        found[-1].before.append(comment)


def position(word: Token) -> int:
    """Where a word begins in the text."""
    return word.start_pos or 0
