"""Objects loaded into this process, and into another one that never imports MLIR."""

from __future__ import annotations

import ctypes
import gc
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rlxc.diagnostics import RlxcError
from rlxc.native import emit_object
from rlxc.native.codegen import compile_object
from rlxc.native.library import Library

EXPONENTIAL = """
declare float @expf(float)
define float @_mlir_ciface_exponential(float %x) {
  %y = call float @expf(float %x)
  ret float %y
}
"""
NAME = "_mlir_ciface_exponential"


def test_libm_is_found_in_this_process() -> None:
    function = Library([compile_object(EXPONENTIAL)], [NAME]).function(NAME, ctypes.c_float, ctypes.c_float)
    assert function(1.0) == pytest.approx(2.7182817)


def test_a_function_keeps_its_library() -> None:
    function = Library([compile_object(EXPONENTIAL)], [NAME]).function(NAME, ctypes.c_float, ctypes.c_float)
    gc.collect()
    assert function(0.0) == 1.0


def test_libraries_with_equal_symbols_are_independent() -> None:
    other = EXPONENTIAL.replace("@expf", "@sinf")
    functions = [
        Library([compile_object(text)], [NAME]).function(NAME, ctypes.c_float, ctypes.c_float)
        for text in (EXPONENTIAL, other)
    ]
    assert [function(0.0) for function in functions] == [1.0, 0.0]


BROKEN = {
    "not an object": (b"text", NAME, "not recognized as a valid object file"),
    "truncated": (compile_object(EXPONENTIAL)[:300], NAME, "past the end of the file"),
    "missing symbol": (compile_object(EXPONENTIAL), "logarithm", "Symbols not found: . logarithm"),
    "unknown function": (compile_object(EXPONENTIAL.replace("@expf", "@no_such_function")), NAME, "exponential"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_object_that_does_not_load(case: str) -> None:
    object_code, symbol, message = BROKEN[case]
    with pytest.raises(RlxcError, match=f"cannot load the object code: .*{message}"):
        Library([object_code], [symbol])


RELOAD = """
import sys
import numpy as np
from xdsl.context import Context
from xdsl.dialects.affine import Affine
from xdsl.dialects.arith import Arith
from xdsl.dialects.builtin import Builtin
from xdsl.dialects.func import Func
from xdsl.dialects.memref import MemRef
from xdsl.parser import Parser
from rlxc.native import DefaultToolchain, NativeFunction, read_signature

module_file, object_file = sys.argv[1:]
context = Context()
for dialect in (Builtin, Func, Arith, Affine, MemRef):
    context.load_dialect(dialect)
signature = read_signature(Parser(context, open(module_file).read()).parse_module())
library = DefaultToolchain().load_library([open(object_file, "rb").read()], signature.symbols)
_, integers, _ = NativeFunction(signature, library)([0.0, 0.0, 1, 20, 300, True, np.array(0.0)], [])
print(integers[0], "mlir" in sys.modules)
"""


def test_reload_in_a_fresh_process_without_mlir(affine_text: Callable[[str], str], tmp_path: Path) -> None:
    module_file, object_file = tmp_path / "scalars.mlir", tmp_path / "scalars.o"
    module_file.write_text(affine_text("scalars"))
    object_file.write_bytes(emit_object(affine_text("scalars")))
    command = [sys.executable, "-c", RELOAD, str(module_file), str(object_file)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "321 False\n"
