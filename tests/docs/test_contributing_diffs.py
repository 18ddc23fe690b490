"""The pages on how to contribute: their diffs apply to this tree, and the tests that they add pass."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs" / "contributing").glob("*.md"))
TREE = ("dialects", "docs", "passes", "rlxc", "tests", "pyproject.toml")
"""What the commands of the pages need."""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the tree that is no repository."""
    for name in TREE:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, tmp_path)
    return tmp_path


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_commands_apply_the_diff_and_test_it(page: Path, tree: Path) -> None:
    done = run(commands(page), tree)
    assert done.returncode == 0, f"{page.name} is stale:\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_commands_run_every_test_of_the_diff(page: Path) -> None:
    changed = re.findall(r"^\+\+\+ b/(tests/(?!support/).*)$", page.read_text("utf-8"), re.MULTILINE)
    assert changed
    named = [word for word in commands(page).split() if word.startswith("tests/")]
    assert [file for file in changed if not file.startswith(tuple(named))] == []


def test_contributing_links_every_page() -> None:
    links = re.findall(r"\((docs/contributing/.*?)\)", (ROOT / "CONTRIBUTING.md").read_text("utf-8"))
    assert sorted(links) == [str(page.relative_to(ROOT)) for page in PAGES]


def commands(page: Path) -> str:
    """What a page says is to be run."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert len(blocks) == 1
    return blocks[0]


def run(script: str, tree: Path) -> subprocess.CompletedProcess[str]:
    """Run commands in a tree, with its rlxc instead of the installed one, and with git that knows of no other tree."""
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(tree),
        "GIT_CEILING_DIRECTORIES": str(tree.parent),
    }
    return subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        cwd=tree, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
