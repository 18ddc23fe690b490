"""The native target on what the whole pipeline makes of the examples."""

from __future__ import annotations

import ctypes
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp

from rlxc.diagnostics import parse_module
from rlxc.inspect.registry import make_context
from rlxc.native import build_function, emit_header, emit_llvm, emit_shared, read_signature
from rlxc.native.abi import DTYPES, MemRef
from rlxc.native.signature import ArrayType, Signature
from rlxc.runtime.levels import lower_to

Array = NDArray[Any]
EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.mlir"))
SIZES = {"B": 2, "S": 9}

PROVIDED = {"malloc", "free", "memcpy", "memmove", "memset", "expf", "tanhf", "erff"}
"""What the C library gives to a shared library."""


@pytest.fixture(scope="session", params=EXAMPLES, ids=lambda path: path.stem)
def affine(request: pytest.FixtureRequest) -> ModuleOp:
    """An example at the affine level."""
    path: Path = request.param
    return lower_to(parse_module(make_context(), path.read_text(), path.name), "affine")


def random_array(rng: np.random.Generator, kind: ArrayType) -> Array:
    """An array of that type."""
    shape = [SIZES[size] if isinstance(size, str) else size for size in kind.shape]
    if kind.element == "i1":
        return rng.random(shape) > 0.2
    return (rng.standard_normal(shape) * 0.1).astype(DTYPES[kind.element])


def random_arguments(signature: Signature) -> tuple[list[Array], list[Array]]:
    """Inputs and parameters, all of them arrays."""
    rng = np.random.default_rng(0)
    inputs = [random_array(rng, one.type) for one in signature.inputs if isinstance(one.type, ArrayType)]
    assert len(inputs) == len(signature.inputs)
    return inputs, [random_array(rng, one.type) for one in signature.parameters]


def test_shared_library_computes_what_the_function_does(affine: ModuleOp, tmp_path: Path) -> None:
    function, path = build_function(affine), tmp_path / "layer.so"
    inputs, parameters = random_arguments(function.signature)
    expected = function(inputs, parameters)
    emit_shared(str(affine), path)
    found = [np.empty_like(result) for result in expected]
    entry = getattr(ctypes.CDLL(str(path)), function.signature.symbols[0])
    assert function.signature.arena
    arena = np.empty(1 << 24, np.int8)
    described = [MemRef(array) for array in (*inputs, *parameters, *found, arena)]
    entry(*(ctypes.c_void_p(one.pointer) for one in described))
    for one, other in zip(found, expected, strict=True):
        assert np.isfinite(one).all()
        np.testing.assert_array_equal(one, other)


def test_llvm_ir_needs_the_c_library_only(affine: ModuleOp) -> None:
    declared = set(re.findall(r"^declare .*@([\w.]+)\(", emit_llvm(str(affine)), re.MULTILINE))
    assert {name for name in declared if not name.startswith("llvm.")} <= PROVIDED


def test_header_is_strict_c99(affine: ModuleOp, tmp_path: Path) -> None:
    compiler = shutil.which("cc")
    assert compiler is not None, "this test needs the C compiler 'cc'"
    program = tmp_path / "program.c"
    (tmp_path / "layer.h").write_text(emit_header(read_signature(affine)))
    program.write_text('#include "layer.h"\nint main(void) { return 0; }\n')
    command = [compiler, "-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", str(program)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
