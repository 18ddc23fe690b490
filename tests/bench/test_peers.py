"""The command that compares runtimes, on its smallest workloads."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_rlxc_and_numpy_are_checked_and_timed(tmp_path: Path):
    chosen = ["--workloads", "tiny-matmul,tiny-decode,tiny-experts", "--backends", "rlxc,numpy"]
    short = ["--threads", "1", "--rounds", "1", "--seconds", "0", "--retries", "0"]
    command = [sys.executable, "-m", "bench.peers", "run", *chosen, *short, "--output", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    results = json.loads((tmp_path / "results.json").read_text())
    assert set(results["workloads"]) == {"tiny-matmul", "tiny-decode", "tiny-experts"}
    for workload in results["workloads"].values():
        assert workload["roof_ms"] > 0
        assert set(workload["backends"]) == {"rlxc", "numpy"}
        assert all(report["status"] == "ok" and report["median_ms"] > 0 for report in workload["backends"].values())
    assert "| tiny-decode |" in (tmp_path / "results.md").read_text()
    assert (tmp_path / "results.svg").read_text().startswith("<svg")
