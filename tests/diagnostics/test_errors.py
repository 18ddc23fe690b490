"""How a report looks."""

from __future__ import annotations

import io

import pytest

from rlxc.diagnostics import RlxcError, SourceLocation
from rlxc.diagnostics.excerpt import WIDTH, excerpt
from rlxc.diagnostics.style import Style, style_for

HERE = SourceLocation("layer.mlir", 2, 5)


def test_message_alone() -> None:
    assert RlxcError("no weights").render() == "error: no weights"
    assert str(RlxcError("no weights")) == "no weights"


def test_everything() -> None:
    error = RlxcError("expected ')'", location=HERE, source_line="  f(x", hint="close the list")
    assert error.render() == "layer.mlir:2:5: error: expected ')'\n  f(x\n    ^\nhint: close the list"
    assert str(error) == "layer.mlir:2:5: expected ')'"
    assert error.__notes__ == ["hint: close the list"]


def test_colour_marks_the_words_only() -> None:
    error = RlxcError("wrong", location=HERE, source_line="    x", hint="mend it")
    coloured = error.render(Style(coloured=True))
    assert "\x1b[1;31merror: \x1b[0m" in coloured
    assert "\x1b[1;32m    ^\x1b[0m" in coloured


def test_source_line_comes_from_the_text_of_its_file() -> None:
    error = RlxcError("wrong", location=HERE)
    error.quote("other\nfile", "other.mlir")
    assert error.source_line is None
    error.quote("first\nsecond\nthird", "layer.mlir")
    assert error.source_line == "second"


def test_a_place_behind_the_text_has_no_source_line() -> None:
    error = RlxcError("wrong", location=HERE)
    error.quote("first", "layer.mlir")
    assert error.render() == "layer.mlir:2:5: error: wrong"


def test_terminal_escapes_are_shown_not_sent() -> None:
    location = SourceLocation("\x1b[2J.mlir", 1, 1)
    error = RlxcError("unknown '\x1b]0;x\x07'", location=location, source_line="\x1b[31m\u202e", hint="\x9b")
    shown = error.render()
    assert "\\x1b[2J.mlir" in shown
    assert all(character.isprintable() or character == "\n" for character in shown)


@pytest.mark.parametrize(
    ("line", "column", "expected"),
    [
        ("abc", 1, ("abc", "^")),
        ("abc", 4, ("abc", "   ^")),
        ("abc", 99, ("abc", "   ^")),
        ("\ta\tb\r\n", 4, ("\ta\tb", "\t \t^")),
        ("層 = 1", 3, ("層 = 1", "   ^")),
        ("a\0b", 3, ("a\\x00b", "     ^")),
    ],
)
def test_excerpt(line: str, column: int, expected: tuple[str, str]) -> None:
    assert excerpt(line, column) == expected


@pytest.mark.parametrize("column", [1, 50, 5_000, 9_999, 10_000])
def test_long_lines_are_cut_around_the_caret(column: int) -> None:
    line = "".join(chr(ord("a") + index % 26) for index in range(10_000))
    shown, caret = excerpt(line, column)
    assert len(shown) <= WIDTH + 6
    assert shown[len(caret) - 1] == line[column - 1]


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_colour_only_where_it_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert style_for(Terminal()).coloured
    assert not style_for(io.StringIO()).coloured
    monkeypatch.setenv("NO_COLOR", "1")
    assert not style_for(Terminal()).coloured
