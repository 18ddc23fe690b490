"""The committed reference pages are those that the definitions give."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", ["dialect.md", "passes.md", "stages.md"])
def test_page_is_current(name: str):
    page = runpy.run_path(str(DOCS / "generate.py"))["PAGES"][name]()
    assert (DOCS / name).read_text("utf-8") == page, f"docs/{name} is stale: run python docs/generate.py"
