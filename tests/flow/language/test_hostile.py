"""Texts that ask for too much: an error in bounded time, with its place."""

from __future__ import annotations

import pytest

from rlxc import RlxcError
from rlxc.flow.language import read_flow

CASES = {
    "negations": (f"let x = {'not ' * 10_000}true", "nested too deeply"),
    "minus": (f"let x = {'- ' * 10_000}1", "nested too deeply"),
    "conditionals": (f"let x = {'if true then ' * 5_000}1{' else 2' * 5_000}", "nested too deeply"),
    "members": (f"let x = cfg{'.x' * 10_000}", "nested too deeply"),
    "calls": (f"let x = {'sqrt(' * 5_000}1{')' * 5_000}", "nested too deeply"),
    "blocks": (f"{'residual {' * 5_000}{'}' * 5_000}", "nested too deeply"),
    "count": ("repeat 1000000000000 as i { }", "from 0 to 4096"),
    "counts": ("repeat 4096 as i { repeat 4096 as j { let x = 1 } }", "more than 262144 statements"),
    "squares": ("let x = 1e300 * 1e300", "out of range"),
    "whole numbers": ("let x = 9223372036854775807 * 9223372036854775807", "out of range"),
    "digits": (f"let x = {'9' * 10_000}", "too many digits"),
    "infinity": ("let x = 1e999", "out of range"),
    "root": ("let x = sqrt(0 - 1)", "sqrt: "),
    "member": ("let x = max(1, true.x)", "true has no 'x'"),
    "size": ("input x [99999999999]", "a size must be"),
    "doubled": (f'let a = "{"x" * 500}" let b = "{{a}}{{a}}" let c = "{{b}}{{b}}"', "longer than"),
}


@pytest.mark.parametrize("case", CASES)
def test_error(case: str) -> None:
    statement, message = CASES[case]
    with pytest.raises(RlxcError, match=message) as found:
        read_flow(f"model m(cfg) {{ {statement} }}", "model.flow", {})
    assert found.value.location is not None


def test_parentheses_leave_nothing_in_the_tree() -> None:
    assert read_flow(f"model m() {{ let x = {'(' * 50_000}1{')' * 50_000} }}").flow.name == "m"


def test_a_long_text() -> None:
    with pytest.raises(RlxcError, match="characters, more than"):
        read_flow("#" * 2_000_000)
