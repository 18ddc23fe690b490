"""The target `native`: what a second compile of the same program costs, and that it says the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rlxc
from rlxc import RlxcError
from rlxc.native.object_cache import VARIABLE
from rlxc.runtime import native_target

EXAMPLE = Path(__file__).parents[2] / "examples" / "sliding_window.mlir"
X = np.random.default_rng(1).standard_normal((1, 5, 512)).astype(np.float32)
MASK = np.ones((1, 5), np.bool_)


def never(*_arguments: Any, **_options: Any) -> Any:
    """Lowering that must not happen."""
    raise AssertionError("lowered again")


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "cache"))


def test_same_program_is_lowered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = rlxc.compile(EXAMPLE, "native", "random:0")
    monkeypatch.setattr(native_target, "lower_to", never)
    second = rlxc.compile(EXAMPLE, "native", "random:0")
    np.testing.assert_array_equal(first(X, MASK), second(X, MASK))
    assert first.source == second.source
    with pytest.raises(AssertionError, match="lowered again"):
        rlxc.compile(EXAMPLE, "native", "random:0", pipeline=None)


def test_messages_name_the_place_in_this_file(tmp_path: Path) -> None:
    """The same program in another place of another file."""
    moved = tmp_path / "moved.mlir"
    moved.write_text("\n\n" + EXAMPLE.read_text())
    places: list[str] = []
    for path in (EXAMPLE, moved):
        function = rlxc.compile(path, "native", "random:0")
        with pytest.raises(RlxcError, match="more positions than") as failure:
            function(np.zeros((1, 9000, 512), np.float32), np.ones((1, 9000), np.bool_))
        places.append(str(failure.value))
    assert "sliding_window.mlir:15:5" in places[0]
    assert "moved.mlir:17:5" in places[1]
