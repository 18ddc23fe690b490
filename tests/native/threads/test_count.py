"""How many threads a call gets."""

from __future__ import annotations

import os

import pytest

from rlxc.diagnostics import RlxcError
from rlxc.native.threads import thread_count


def test_argument_before_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RLXC_NUM_THREADS", "3")
    assert thread_count(2) == 2
    assert thread_count() == 3


@pytest.mark.parametrize("text", ["", " "])
def test_cores_of_this_process(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("RLXC_NUM_THREADS", text)
    assert thread_count() == len(os.sched_getaffinity(0))


@pytest.mark.parametrize("text", ["0", "-1", "2.0", "two", "1025", "²"])
def test_environment_that_is_no_number(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("RLXC_NUM_THREADS", text)
    with pytest.raises(RlxcError, match="RLXC_NUM_THREADS must be a whole number from 1 to 1024, got"):
        thread_count()


@pytest.mark.parametrize("count", [0, -1, 1025, True, 2.0, "2"])
def test_argument_that_is_no_number(count: object) -> None:
    with pytest.raises(RlxcError, match="threads must be a whole number from 1 to 1024, got"):
        thread_count(count)  # pyright: ignore[reportArgumentType]
