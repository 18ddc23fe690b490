"""The command that varies the number of tokens, on a small layer."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_times_are_compared_with_those_of_neighbours(tmp_path: Path):
    file = tmp_path / "sweep.json"
    chosen = ["tokens", "--workloads", "tiny-layer", "--sizes", "1,8,64", "--rounds", "1", "--json", str(file)]
    done = subprocess.run([sys.executable, "bench/sweep.py", *chosen], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = json.loads(file.read_text())["tokens"]
    assert [row["tokens"] for row in rows] == [1, 8, 64]
    first, middle, last = (row["best ms"] / row["roof ms"] for row in rows)
    assert middle / ((first + last) / 2) == pytest.approx(rows[1]["of predicted"])
    assert "| tiny-layer | 64 |" in done.stdout
