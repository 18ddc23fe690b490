"""Suggestions for misspelt names."""

from __future__ import annotations

import pytest

from rlxc.diagnostics import closest, did_you_mean


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


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("rlx-fuse-rop", "rlx-fuse-rope-into-attention"),
        ("rlx-fuse", "rlx-fuse-glu"),
        ("rlx-unfus", "rlx-unfuse"),
        ("rlx-fuze-glu", "rlx-fuse-glu"),
        ("rl", None),
    ],
)
def test_a_beginning_goes_before_a_likeness(word: str, expected: str | None) -> None:
    assert closest(word, ["rlx-unfuse", "rlx-fuse-rope-into-attention", "rlx-fuse-glu"]) == expected
