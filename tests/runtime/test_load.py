"""`rlxc.load`: the function of a library is the one that was compiled."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import rlxc
from rlxc import RlxcError
from rlxc.cli import main
from rlxc.runtime.program import load_program

EXAMPLES = Path(__file__).parents[2] / "examples"
KEY = "model.layers.0.self_attn.q_proj.weight"
X = np.random.default_rng(0).standard_normal((2, 33, 512)).astype(np.float32)


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The library of an example, by name."""
    directory = tmp_path_factory.mktemp("libraries")

    def made(name: str) -> Path:
        path = directory / f"{name}.so"
        if not path.exists():
            assert main(["compile", str(EXAMPLES / f"{name}.mlir"), "-o", str(path)]) == 0
        return path

    return made


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights of `qk_norm.mlir`."""
    source = load_program(EXAMPLES / "qk_norm.mlir", "random:0").weights
    path = tmp_path_factory.mktemp("weights") / "weights.npz"
    np.savez(path, allow_pickle=False, **{key: source.get(key) for key in source.keys()})
    return path


@pytest.mark.parametrize("name", sorted(path.stem for path in EXAMPLES.glob("*.mlir")))
def test_says_what_the_compiled_function_says(library: Callable[[str], Path], name: str) -> None:
    compiled = rlxc.compile(EXAMPLES / f"{name}.mlir", "native", "random:0")
    loaded = rlxc.load(library(name), "random:0")
    for text in ("signature", "ir", "fused_ir", "remarks"):
        assert getattr(loaded, text) == getattr(compiled, text)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_numbers(library: Callable[[str], Path], weights: Path, threads: int) -> None:
    loaded = rlxc.load(library("qk_norm"), weights, threads=threads)
    compiled = rlxc.compile(EXAMPLES / "qk_norm.mlir", "native", weights, threads=threads)
    np.testing.assert_array_equal(loaded(x=X), compiled(X))


PROGRAM = """
import sys, numpy, rlxc
rlxc.load(sys.argv[1], sys.argv[2], threads=2)(numpy.ones((1, 3, 512), numpy.float32))
print(sorted({"xdsl", "mlir", "llvmlite"} & set(sys.modules)))
"""


def test_neither_xdsl_nor_llvm_is_imported(library: Callable[[str], Path], weights: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, str(library("qk_norm")), str(weights)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "[]\n"


def test_wrong_inputs(library: Callable[[str], Path], weights: Path) -> None:
    function = rlxc.load(library("qk_norm"), weights)
    with pytest.raises(RlxcError, match=r"qk_norm: 'x' has shape \[1, 3, 4\], expected \[B, S, 512\]"):
        function(np.ones((1, 3, 4), np.float32))
    with pytest.raises(RlxcError, match="target 'library' has no profile"):
        function.profile(X)
    with pytest.raises(RlxcError, match="k has more positions than the rope tables hold"):
        function(np.zeros((1, 4097, 512), np.float32))


def test_weights_that_do_not_fit(library: Callable[[str], Path], weights: Path) -> None:
    given = dict(np.load(weights))
    with pytest.raises(RlxcError, match="there is no weight 'model"):
        rlxc.load(library("qk_norm"))
    with pytest.raises(RlxcError, match=rf"weight '{KEY}' in the given weights has shape \[3, 3\], expected"):
        rlxc.load(library("qk_norm"), given | {KEY: np.ones((3, 3), np.float32)})
    with pytest.raises(RlxcError, match="threads must be a whole number"):
        rlxc.load(library("qk_norm"), given, threads=0)


def test_not_a_library() -> None:
    with pytest.raises(RlxcError, match=r"cannot load '.*qk_norm.mlir': it is not a shared library"):
        rlxc.load(EXAMPLES / "qk_norm.mlir")
