"""Stock `xdsl-opt` finds every pass and the target by name."""

from __future__ import annotations

from pathlib import Path

import pytest
from xdsl.xdsl_opt_main import xDSLOptMain

from rlxc.passes.pipelines import PIPELINES
from rlxc.universe import PASSES

EXAMPLE = Path(__file__).parents[2] / "examples" / "gemma4_attention.mlir"


def xdsl_opt(output: Path, *options: str) -> str:
    """What `xdsl-opt` makes of the example, in this process."""
    xDSLOptMain(args=[str(EXAMPLE), "-o", str(output), *options]).run()
    return output.read_text("utf-8")


@pytest.mark.parametrize("name", PASSES)
def test_pass_runs_after_those_before_it(name: str, tmp_path: Path):
    names = list(PASSES)
    passes = names[: names.index(name) + 1]
    text = xdsl_opt(tmp_path / "out.mlir", "-p", ",".join(passes))
    assert "func.func @gemma4_attention(" in text
    assert ("= rlx.attention" in text) == ("convert-rlx-to-linalg" not in passes)
    assert ("linalg.generic" in text) == (passes[-1] in LINALG_PASSES)
    assert ("affine.for" in text) == ("rlx-linalg-to-affine" in passes)


LINALG_PASSES = ("convert-rlx-to-linalg", "rlx-outline-checks", "rlx-bufferize")
"""After these there are linalg operations."""


def test_target(tmp_path: Path):
    text = xdsl_opt(tmp_path / "out.py", "-p", PIPELINES["linalg"].passes, "-t", "rlx-numpy")
    compile(text, "out.py", "exec")
    assert "def gemma4_attention(x, params):" in text
