"""The errors of the polynomials over all exponents of float32, as the benchmark measures them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_errors_are_below_two_units():
    command = [sys.executable, "bench/polynomials.py", "--stride", "521"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    errors = re.findall(r"^(\w+) .*: (\S+) units", done.stdout, re.MULTILINE)
    assert [name for name, _ in errors] == ["exp", "exp2", "tanh", "erf"] * 2
    assert all(0.5 < float(error) < 2 for _, error in errors)
