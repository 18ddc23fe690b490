"""Texts that end a text."""

from __future__ import annotations

import pytest

from rlxc.runtime.generation.stop_texts import before_stop


@pytest.mark.parametrize(
    ("pieces", "stops", "expected"),
    [
        (["one", " two"], [], ["one", " two", ""]),
        (["one\n", "two"], ["\n"], ["one"]),
        (["a <", "end", "> b"], ["<end>"], ["a ", "", ""]),
        (["a <", "en", "ough"], ["<end>"], ["a ", "", "<enough", ""]),
        (["abcd"], ["cd", "bc"], ["a"]),
        (["x", "aab"], ["aab"], ["x", ""]),
    ],
)
def test_before_stop(pieces: list[str], stops: list[str], expected: list[str]):
    assert list(before_stop(pieces, stops)) == expected
