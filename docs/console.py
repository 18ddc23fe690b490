"""Fills in the output of the commands in Markdown: `python docs/console.py` rewrites README.md and docs/tutorial.md.

In a block marked `console`, every line that begins with `$ ` is run by bash, in a directory that holds
`examples`, and followed by what it prints on both outputs. Blocks of one page share the directory.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGES = ("README.md", "docs/tutorial.md")
BLOCK = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.DOTALL | re.MULTILINE)
TIMES = re.compile(r"\b\d+\.\d+ ms\b|max error \S+|min \S+ max \S+ mean \S+")
"""What differs from run to run."""


def filled(page: str) -> str:
    """The text of a page with its commands run again."""
    with tempfile.TemporaryDirectory() as directory:
        (Path(directory) / "examples").symlink_to(ROOT / "examples")
        return BLOCK.sub(lambda block: session(block[0], directory), page)


def session(block: str, directory: str) -> str:
    """A block with the output of each of its commands."""
    commands = [line for line in block.splitlines() if line.startswith("$ ")]
    return "".join(f"{command}\n{output(command[2:], directory)}" for command in commands)


def output(command: str, directory: str) -> str:
    """What a command prints; the tools of this interpreter's environment come first."""
    environment = dict(os.environ, PATH=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", COLUMNS="100")
    done = subprocess.run(
        ["bash", "-c", f"{{ {command} ; }} 2>&1"],
        cwd=directory, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stdout


def without_times(page: str) -> str:
    """The page with a placeholder for what differs from run to run."""
    return TIMES.sub("...", page)


if __name__ == "__main__":
    for name in PAGES:
        path = ROOT / name
        path.write_text(filled(path.read_text("utf-8")), "utf-8")
