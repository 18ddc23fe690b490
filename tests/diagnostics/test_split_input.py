"""Several modules in one file."""

from __future__ import annotations

from rlxc.diagnostics.split_input import split_input


def test_parts_keep_their_lines() -> None:
    text = "a\n// -----\nb\nc\n// -----  \nd // ----- e\n"
    parts = list(split_input(text))
    assert [part.strip() for part in parts] == ["a", "b\nc", "d // ----- e"]
    for part in parts:
        for number, line in enumerate(part.split("\n")):
            assert line in ("", text.split("\n")[number])


def test_without_separator() -> None:
    assert list(split_input("a\n//-----\n// ------\n")) == ["a\n//-----\n// ------\n"]
