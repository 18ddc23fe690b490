"""Diagnostics that a file expects of itself."""

from __future__ import annotations

import pytest

from rlxc.diagnostics import RlxcError, SourceLocation
from rlxc.diagnostics.expected import Reported, check_expected, expected_diagnostics


def complaints(text: str, *reported: tuple[str, int | None]) -> list[str]:
    """What is said of `text` if errors with these messages are reported on these lines."""
    errors = [Reported("error", message, SourceLocation("f", line, 1) if line else None) for message, line in reported]
    return [str(error) for error in check_expected(expected_diagnostics(text, "f"), errors)]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("x // expected-error {{bad}}", 1),
        ("// expected-error@+1 {{bad}}\nx", 2),
        ("// expected-error @+2 {{bad}}\n\nx", 3),
        ("x\n\n// expected-error@-2 {{bad}}", 1),
        ("// expected-error@below {{bad}}\n// expected-error@below {{worse}}\nx", 3),
        ("x\n// expected-error@above {{worse}}\n// expected-error@above {{bad}}", 1),
        ("// expected-error@unknown {{bad}}", None),
        ("// expected-error-re@+1 {{very {{b.d}}}}\nx", 2),
    ],
)
def test_met(text: str, line: int | None) -> None:
    more = [("much worse", line)] if "worse" in text else []
    assert complaints(text, ("a very bad thing", line), *more) == []


def test_unexpected() -> None:
    assert complaints("x", ("bad", 1)) == ["f:1:1: unexpected error: bad"]


def test_not_produced() -> None:
    assert complaints("x // expected-error {{bad}}") == ["f:1:6: expected error was not produced: bad"]


def test_another_line_or_text_or_kind_is_both() -> None:
    assert len(complaints("// expected-error {{bad}}", ("bad", 2))) == 2
    assert len(complaints("// expected-error {{good}}", ("bad", 1))) == 2
    assert len(complaints("// expected-remark {{bad}}", ("bad", 1))) == 2


def test_each_is_met_once() -> None:
    text = "// expected-error@unknown {{bad}}\n// expected-error@unknown {{bad}}"
    assert complaints(text, ("bad", None)) == ["f:2:4: expected error was not produced: bad"]


def test_braces_are_literal_without_re() -> None:
    assert complaints("x // expected-error {{a{{.*}}b}}", ("a{{.*}}b", 1)) == []


def test_bad_expression() -> None:
    with pytest.raises(RlxcError, match="f:1:6: not a regular expression"):
        complaints("x // expected-error-re {{ {{(}} }}")
