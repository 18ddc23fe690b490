"""The command that compares the generation of text, with rlxc alone on a tiny model."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from bench.generation.agreement import difference, logits_error
from bench.generation.contender import Contender
from bench.generation.tables import table
from tiny_models import tiny_model

__all__ = ["tiny_model"]

ROOT = Path(__file__).parents[2]


def test_a_model_is_started_checked_and_timed(tiny_model: Path, tmp_path: Path):
    short = ["--threads", "1", "--prompt", "12", "--new", "4", "--starts", "1", "--rounds", "1", "--seconds", "0"]
    command = [sys.executable, "-m", "bench.generation", str(tiny_model), "-b", "rlxc", *short, "--retries", "0"]
    done = subprocess.run([*command, "-o", str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    results = json.loads((tmp_path / "results.json").read_text())
    assert results["work"] == {"model": "tiny", "prompt": 12, "new": 4, "starts": 1}
    report = results["backends"]["rlxc"]
    assert report["status"] == "ok"
    assert report["logits_error"] == 0
    assert report["cold_s"] > report["cached_s"] > 0
    prefill, decode = (results["tasks"][kind] for kind in ("prefill", "decode"))
    assert prefill["flops"] > decode["flops"] > 0
    assert all(task["backends"]["rlxc"]["median_ms"] > 0 for task in (prefill, decode))
    assert done.stdout == (tmp_path / "results.md").read_text()


def results() -> dict[str, Any]:
    """Two backends, of which one needs half the time and memory."""
    reports = {
        name: {"status": "ok", "cold_s": x, "cached_s": x, "import_s": x, "peak_mib": x, "reference": "other"}
        | {"equal_ids": 4, "logits_error": 1e-6}
        for name, x in (("rlxc", 1.0), ("other", 2.0))
    }
    times = {
        name: {"median_ms": x, "low_ms": x, "high_ms": x, "quiet_bursts": 1} for name, x in (("rlxc", 1), ("other", 2))
    }
    return {
        "machine": {"processor": "CPU", "threads": 2},
        "versions": {},
        "work": {"prompt": 10, "new": 4},
        "backends": {**reports, "third": {"status": "wrong", "reason": "it differs"}},
        "tasks": {"prefill": {"tokens": 10, "roof_ms": 0.5, "backends": times}}
        | {"decode": {"tokens": 1, "roof_ms": 0.5, "backends": times}},
    }


def test_the_table_compares_with_the_best_other():
    text = table(results())
    assert "| prefill of 10 tokens, tokens/s | 20000 | 10000.0 ±0.0 | 5000.0 ±0.0 | 2.00 x other |" in text
    assert "| peak memory, MiB |  | 1 | 2 | 0.50 x other |" in text
    assert "- third: wrong: it differs" in text


def test_logits_are_compared_where_they_are_large():
    expected = np.arange(100, dtype=np.float64)
    found = expected.copy()
    found[0] = 7  # none of the largest 64
    assert logits_error(found, expected) == 0
    found[99] += 0.5
    assert logits_error(found, expected) == 0.5 / 99


def test_ids_may_differ_where_the_margin_is_small():
    def read(ids: list[int], count: int) -> tuple[NDArray[Any], list[int]]:
        assert ids == [5, 2]
        return np.array([1.0, 0.99999, 0.5]), [0] * count

    reference = cast(Contender, SimpleNamespace(prompt=[5], read=read))
    one = cast(Contender, SimpleNamespace(report={}))
    assert difference(reference, one, [2, 0, 1], [2, 0, 1]) == ""
    assert difference(reference, one, [2, 0, 1], [2, 1, 1]) == ""
    assert "its id 1 after the prompt is 2 instead of 0" in difference(reference, one, [2, 0, 1], [2, 2, 1])
    assert one.report["equal_ids"] == 1
