"""Flows from Python files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rlxc import RlxcError
from rlxc.flow import load_flow

LAYER = """\
import numpy as np
import rlxc
from rlxc.stages import Linear

flow = rlxc.ModelFlow("layer").input("x", ("B", "S", 4)).stage(Linear("w"))
weights = {"w": np.ones((3, 4), np.float32)}

if __name__ == "__main__":
    raise SystemExit("this is not run")
"""


def write(directory: Path, text: str) -> Path:
    path = directory / "layer.py"
    path.write_text(text)
    return path


def test_flow_and_weights(tmp_path: Path) -> None:
    loaded = load_flow(write(tmp_path, LAYER))
    assert loaded.flow.name == "layer"
    built = loaded.flow.build(loaded.weights)
    assert np.array_equal(built.params["w"], np.ones((3, 4)))


def test_weights_are_optional(tmp_path: Path) -> None:
    assert load_flow(write(tmp_path, LAYER.replace("weights", "other"))).weights is None


def test_errors_of_stages_point_into_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, LAYER)
    with pytest.raises(RlxcError, match=r"layer.py:5:\d+: Linear\(w\): key: there is no weight 'w'"):
        load_flow(path).flow.build({"v": np.ones((3, 4))})


BROKEN = {
    "syntax": ("import rlxc\nflow = (\n", r"layer.py:2:8: '\(' was never closed"),
    "no flow": ("import rlxc\n", "'.*layer.py' defines no 'flow'"),
    "another name": (LAYER.replace("flow =", "flw ="), r"defines no 'flow' \(did you mean 'flw'\?\)"),
    "another type": ("flow = 3\n", "'flow' in '.*layer.py' is a int, not a rlxc.ModelFlow"),
    "a misspelt name": ("\n\nflow = ModelFlow('a')\n", r"layer.py:3:8: NameError: name 'ModelFlow' is not defined"),
    "a missing module": ("import no_such_module\n", "layer.py:1:1: ModuleNotFoundError: No module named"),
    "a wrong spec": (
        "from rlxc.stages import SelfAttnPrefillSpec\nspec = SelfAttnPrefillSpec.hf_layer('a', 4, 16, 3)\n",
        "layer.py:2:8: SelfAttnPrefillSpec: num_heads = 4 is not a multiple of num_kv_heads = 3",
    ),
    "a failing function": (
        "def f():\n    return 1 / 0\n\nflow = f()\n",
        "layer.py:2:12: ZeroDivisionError: division by zero",
    ),
    "an exit": ("import sys\nsys.exit(0)\n", "layer.py:2:1: SystemExit: 0"),
    "an error of its own": ("class Odd(Exception): ...\nraise Odd('x')\n", "layer.py:2:1: Odd: x"),
    "null bytes": ("flow = 1\0", "layer.py.*null bytes"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_file(tmp_path: Path, case: str) -> None:
    text, problem = BROKEN[case]
    with pytest.raises(RlxcError, match=problem):
        load_flow(write(tmp_path, text))


def test_the_line_is_shown(tmp_path: Path) -> None:
    with pytest.raises(RlxcError) as caught:
        load_flow(write(tmp_path, "if True:\n    y = undefined\n"))
    assert caught.value.render().splitlines()[1:3] == ["    y = undefined", "        ^"]


def test_missing_file(tmp_path: Path) -> None:
    write(tmp_path, LAYER)
    with pytest.raises(RlxcError, match=r"cannot read '.*layr.py': no such file \(did you mean '.*layer.py'\?\)"):
        load_flow(tmp_path / "layr.py")
