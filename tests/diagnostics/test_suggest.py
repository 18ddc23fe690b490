"""Suggestions for misspelt names."""

from __future__ import annotations

import pytest

from rlxc.diagnostics import did_you_mean


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("rlx.atention", " (did you mean 'rlx.attention'?)"),
        ("RLX.ROPE", " (did you mean 'rlx.rope'?)"),
        ("frobnicate", ""),
        ("", ""),
    ],
)
def test_did_you_mean(word: str, expected: str) -> None:
    assert did_you_mean(word, ["rlx.attention", "rlx.rope", "rlx.rope_table"]) == expected
