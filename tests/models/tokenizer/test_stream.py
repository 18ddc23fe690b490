"""Text from ids that come one by one: characters of several tokens, and spaces that depend on what is before."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from rlxc.models.tokenizer.stream import TextStream

PIECES = [b"a", b"\xf0\x9f", b"\x98", b"\x80", b"\xc3", b"\xa9 b", b"\xff", b" c"]


def from_bytes(ids: Sequence[int]) -> str:
    return b"".join(PIECES[token] for token in ids).decode("utf-8", "replace")


def without_leading_space(ids: Sequence[int]) -> str:
    return "".join(f" {token}" for token in ids).removeprefix(" ")


def test_characters_come_when_they_are_complete() -> None:
    stream = TextStream(from_bytes)
    assert [stream.push(token) for token in (0, 1, 2, 3, 4, 5)] == ["a", "", "", "\U0001f600", "", "\u00e9 b"]
    assert stream.finish() == ""


def test_what_is_no_character_comes_with_the_next_one() -> None:
    stream = TextStream(from_bytes)
    assert [stream.push(token) for token in (0, 6, 7, 1)] == ["a", "", "\ufffd c", ""]
    assert stream.finish() == "\ufffd"


@pytest.mark.parametrize("ids", [[1, 2, 3, 4], [7], []])
def test_pieces_make_the_text(ids: list[int]) -> None:
    stream = TextStream(without_leading_space)
    text = "".join([*(stream.push(token) for token in ids), stream.finish()])
    assert text == without_leading_space(ids)
