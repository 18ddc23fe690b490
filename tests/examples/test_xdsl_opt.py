"""Stock `xdsl-opt` finds every pass and the target by name."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from xdsl.xdsl_opt_main import xDSLOptMain

from rlxc.passes.pipelines import PIPELINES
from rlxc.universe import PASSES

EXAMPLE = Path(__file__).parents[2] / "examples" / "gemma4_attention.mlir"

APART = {"rlx-unfuse": "rlx-dedup-k-eq-v", "rlx-profile": "rlx-share-work"}
"""The passes that no pipeline has: which pass they come after."""


def passes_up_to(name: str) -> list[str]:
    """The shortest part of a pipeline that ends with a pass."""
    if name in APART:
        return [*passes_up_to(APART[name]), name]
    pipelines = [pipeline.passes.split(",") for pipeline in PIPELINES.values()]
    positions = [
        (index, pipeline)
        for pipeline in pipelines
        for index, each in enumerate(pipeline)
        if re.sub(r"\{.*\}", "", each) == name
    ]
    index, pipeline = min(positions)
    return pipeline[: index + 1]


@pytest.mark.parametrize("name", PASSES)
def test_pass_runs_after_those_before_it(name: str, tmp_path: Path):
    passes, output = passes_up_to(name), tmp_path / "out.mlir"
    xDSLOptMain(args=[str(EXAMPLE), "-o", str(output), "-p", ",".join(passes)]).run()
    text = output.read_text("utf-8")
    assert "func.func @gemma4_attention(" in text
    levels = {each for each in passes if each.startswith("convert-rlx-to-")}
    assert (re.search(r"^ *%\w+ = rlx\.attention", text, re.MULTILINE) is not None) == (levels == set())
    assert ("linalg.generic" in text) == (levels == {"convert-rlx-to-linalg"} and "rlx-linalg-to-affine" not in passes)


def test_command_knows_the_target():
    options = [str(EXAMPLE), "-p", PIPELINES["linalg"].passes, "-t", "rlx-numpy"]
    command = [sys.executable, "-m", "xdsl.tools.xdsl_opt", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "def gemma4_attention(x, params):" in done.stdout
