"""The commands in README and tutorial print what the pages say."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONSOLE = runpy.run_path(str(ROOT / "docs" / "console.py"))


@pytest.mark.parametrize("name", CONSOLE["PAGES"])
def test_output_is_current(name: str):
    page = (ROOT / name).read_text("utf-8")
    fresh, committed = (CONSOLE["without_times"](text) for text in (CONSOLE["filled"](page), page))
    assert fresh == committed, f"{name} is stale: run python docs/console.py"
