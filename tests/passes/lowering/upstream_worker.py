"""Compiles functions on tensors with stock MLIR and calls them, in a process of its own, which MLIR may abort.

    python upstream_worker.py JOB.pickle RESULTS.pickle

A job is the text of a module at the linalg level, and calls: (function, arguments, (element, rank)
of each result), where a result of rank -1 is a scalar. A function returns an array or several
values, and has the attribute `llvm.emit_c_interface`. Written by the tests for themselves, hence pickle.
"""

from __future__ import annotations

import ctypes
import pickle
import re
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

TO_LOOPS = (
    "one-shot-bufferize{bufferize-function-boundaries=true function-boundary-type-conversion=identity-layout-map},"
    "convert-linalg-to-loops"
)
TO_LLVM = (
    "canonicalize,cse,convert-scf-to-cf,expand-strided-metadata,lower-affine,arith-expand,convert-math-to-llvm,"
    "convert-math-to-libm,finalize-memref-to-llvm,convert-func-to-llvm,convert-arith-to-llvm,convert-index-to-llvm,"
    "convert-cf-to-llvm,convert-ub-to-llvm,reconcile-unrealized-casts"
)


def untyped_module(name: str) -> Any:
    """A module of MLIR; they are untyped, hence `Any`."""
    return import_module(name)


ir, passmanager, runtime = map(untyped_module, ("mlir.ir", "mlir.passmanager", "mlir.runtime"))


def main(job_path: str, results_path: str) -> None:
    text, calls = pickle.loads(Path(job_path).read_bytes())
    with ir.Context():
        loops = run_passes(TO_LOOPS, text).operation.get_asm(print_generic_op_form=True)
        engine = execution_engine(run_passes(TO_LLVM, booleans_to_bytes(loops)))
        results = [call(engine, *each) for each in calls]
    Path(results_path).write_bytes(pickle.dumps(results))


def run_passes(passes: str, text: str) -> Any:
    """The module with this text after the passes."""
    module = ir.Module.parse(text)
    passmanager.PassManager.parse(f"builtin.module({passes})").run(module.operation)
    return module


def execution_engine(module: Any) -> Any:
    """The compiled module; the library has the copy between strided arrays."""
    library = Path(untyped_module("mlir").__path__[0]) / "lib" / "libmlir_c_runner_utils.so"
    engine = untyped_module("mlir.execution_engine").ExecutionEngine
    return engine(module, opt_level=0, shared_libs=[str(library)])


def booleans_to_bytes(text: str) -> str:
    """MLIR 22 cannot load or store an i1: they are bytes in memory. On the generic form, one operation a line."""
    load = re.compile(r'%(\w+) = ("memref.load".*) -> i1$', re.MULTILINE)
    store = re.compile(r'"memref.store"\(%(\w+)(,.*) : \(i1(, memref<.*)$', re.MULTILINE)
    text = load.sub(r'%byte_\1 = \2 -> i8\n%\1 = "arith.trunci"(%byte_\1) : (i8) -> i1', text)
    text = store.sub(r'%byte_\1 = "arith.extui"(%\1) : (i1) -> i8\n"memref.store"(%byte_\1\2 : (i8\3', text)
    return re.sub(r"(memref<[^>]*x|memref<)i1\b", r"\1i8", text)


def call(engine: Any, name: str, arguments: Sequence[Any], result_kinds: Sequence[tuple[str, int]]) -> tuple[Any, ...]:
    """Call a function; its results are written into one structure."""
    fields = [(f"result{number}", field_type(*kind)) for number, kind in enumerate(result_kinds)]
    results = type("Results", (ctypes.Structure,), {"_fields_": fields})()
    # A function may overwrite its arguments, and descriptors do not keep arrays alive.
    copies: list[Any] = [argument.copy() if isinstance(argument, np.ndarray) else argument for argument in arguments]
    engine.invoke(name, ctypes.pointer(ctypes.pointer(results)), *map(packed_argument, copies))
    return tuple(value_of(getattr(results, field)) for field, _ in fields)


def field_type(element: str, rank: int) -> Any:
    kind = runtime.as_ctype(np.dtype(element))
    return kind if rank < 0 else runtime.make_nd_memref_descriptor(rank, kind)


def packed_argument(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return ctypes.pointer(ctypes.pointer(runtime.get_ranked_memref_descriptor(value)))
    return ctypes.pointer(ctypes.c_int64(value))


def value_of(field: Any) -> Any:
    return field if isinstance(field, int) else np.array(runtime.ranked_memref_to_numpy(ctypes.pointer(field)))


if __name__ == "__main__":
    main(*sys.argv[1:])
