"""Stock `xdsl-opt` finds every pass and the target by name."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from xdsl.xdsl_opt_main import xDSLOptMain

from rlxc.passes.pipelines import PIPELINES
from rlxc.universe import PASSES

EXAMPLE = Path(__file__).parents[2] / "examples" / "gemma4_attention.mlir"


@pytest.mark.parametrize("name", PASSES)
def test_pass_runs_after_those_before_it(name: str, tmp_path: Path):
    names, output = list(PASSES), tmp_path / "out.mlir"
    passes = names[: names.index(name) + 1]
    xDSLOptMain(args=[str(EXAMPLE), "-o", str(output), "-p", ",".join(passes)]).run()
    text = output.read_text("utf-8")
    assert "func.func @gemma4_attention(" in text
    converted, in_loops = "convert-rlx-to-linalg" in passes, "rlx-linalg-to-affine" in passes
    assert ("= rlx.attention" in text) == (not converted)
    assert ("linalg.generic" in text) == (converted and not in_loops)
    assert ("affine.for" in text) == in_loops


def test_command_knows_the_target():
    options = [str(EXAMPLE), "-p", PIPELINES["linalg"].passes, "-t", "rlx-numpy"]
    command = [sys.executable, "-m", "xdsl.tools.xdsl_opt", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "def gemma4_attention(x, params):" in done.stdout
