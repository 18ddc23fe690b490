"""The C program of the examples: built as it says, it prints the numbers of the program."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

import rlxc
from rlxc.cli import main

SOURCES = Path(__file__).parents[2] / "examples" / "c"


def test_c_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("scaled.mlir", "main.c"):
        shutil.copy(SOURCES / name, tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main(["compile", "scaled.mlir", "-o", "libscaled.so"]) == 0
    build = "cc main.c libscaled.so -lm -Wl,-rpath,. -o main && ./main"
    assert build in Path("main.c").read_text()
    done = subprocess.run(["sh", "-c", build], capture_output=True, text=True, check=True)
    found = np.array([line.split() for line in done.stdout.splitlines()], np.float32)
    function = rlxc.compile("scaled.mlir", weights={"norm.weight": np.full(8, 2, np.float32)})
    x = np.arange(16, dtype=np.float32).reshape(1, 2, 8)
    np.testing.assert_allclose(found, np.asarray(function(x))[0], atol=1e-4)
