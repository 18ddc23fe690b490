"""`rlxc run` on a library."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

Rlxc = Callable[..., tuple[int, str, str]]

EXAMPLE = Path(__file__).parents[2] / "examples" / "qk_norm.mlir"


@pytest.fixture
def library(rlxc: Rlxc, tmp_path: Path) -> Path:
    """The library of the example."""
    assert rlxc("compile", EXAMPLE, "-o", tmp_path / "layer.so") == (0, "", "")
    return tmp_path / "layer.so"


def test_header_and_manifest_are_beside_it(library: Path) -> None:
    assert sorted(path.name for path in library.parent.iterdir()) == ["layer.h", "layer.json", "layer.so"]


def test_same_numbers_as_the_program(rlxc: Rlxc, library: Path, tmp_path: Path) -> None:
    options = ("--weights", "random:0", "--threads", 2, "--input", "x=random:1:2x9x512", "--save")
    assert rlxc("run", EXAMPLE, "--target", "native", *options, tmp_path / "one.npy")[0] == 0
    code, output, errors = rlxc("run", library, *options, tmp_path / "other.npy", "--check")
    assert (code, errors) == (0, "")
    assert "library: " in output
    assert output.endswith("limit 1e-05: ok\n")
    np.testing.assert_array_equal(np.load(tmp_path / "one.npy"), np.load(tmp_path / "other.npy"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--target=numpy", "a library is no program for the target 'numpy'"),
        ("-p fuse", "nothing can be fused in a library"),
        ("--profile", "a library has no profile"),
    ],
)
def test_options_of_programs(rlxc: Rlxc, library: Path, options: str, message: str) -> None:
    code, output, errors = rlxc("run", library, "--weights=random:0", *options.split())
    assert (code, output) == (2, "")
    assert message in errors


def test_no_library(rlxc: Rlxc, tmp_path: Path) -> None:
    path = tmp_path / "layer.so"
    path.write_text("text")
    assert rlxc("run", path) == (
        1,
        "",
        f"error: cannot load '{path}': it is not a shared library\n"
        "hint: make one with 'rlxc compile PROGRAM -o LIBRARY.so'\n",
    )
