"""Compiles functions on tensors with stock MLIR and calls them, in a process of its own, which MLIR may abort.

    python upstream_worker.py JOB.pickle RESULTS.pickle

A job is the text of a module at the linalg level, and calls: (function, arguments, (element, rank)
of each result), where a result of rank -1 is a scalar. A function returns an array or several
values, and has the attribute `llvm.emit_c_interface`. Written by the tests for themselves, hence pickle.
"""

import ctypes
import pickle
import re
import sys
from pathlib import Path

import mlir
import numpy as np
from mlir import runtime
from mlir.execution_engine import ExecutionEngine
from mlir.ir import Context, Module
from mlir.passmanager import PassManager

TO_LOOPS = (
    "one-shot-bufferize{bufferize-function-boundaries=true function-boundary-type-conversion=identity-layout-map},"
    "convert-linalg-to-loops"
)
TO_LLVM = (
    "canonicalize,cse,convert-scf-to-cf,expand-strided-metadata,lower-affine,arith-expand,convert-math-to-llvm,"
    "convert-math-to-libm,finalize-memref-to-llvm,convert-func-to-llvm,convert-arith-to-llvm,convert-index-to-llvm,"
    "convert-cf-to-llvm,convert-ub-to-llvm,reconcile-unrealized-casts"
)


def main(job_path: str, results_path: str) -> None:
    text, calls = pickle.loads(Path(job_path).read_bytes())
    with Context():
        module = Module.parse(text)
        run_passes(TO_LOOPS, module)
        module = Module.parse(booleans_to_bytes(module.operation.get_asm(print_generic_op_form=True)))
        run_passes(TO_LLVM, module)
        # It has the copy between strided arrays.
        library = Path(mlir.__path__[0]) / "lib" / "libmlir_c_runner_utils.so"
        engine = ExecutionEngine(module, opt_level=0, shared_libs=[str(library)])
        results = [call(engine, *each) for each in calls]
    Path(results_path).write_bytes(pickle.dumps(results))


def run_passes(passes, module):
    PassManager.parse(f"builtin.module({passes})").run(module.operation)


def booleans_to_bytes(text):
    """MLIR 22 cannot load or store an i1: they are bytes in memory. On the generic form, one operation a line."""
    load = re.compile(r'%(\w+) = ("memref.load".*) -> i1$', re.MULTILINE)
    store = re.compile(r'"memref.store"\(%(\w+)(,.*) : \(i1(, memref<.*)$', re.MULTILINE)
    text = load.sub(r'%byte_\1 = \2 -> i8\n%\1 = "arith.trunci"(%byte_\1) : (i8) -> i1', text)
    text = store.sub(r'%byte_\1 = "arith.extui"(%\1) : (i1) -> i8\n"memref.store"(%byte_\1\2 : (i8\3', text)
    return re.sub(r"(memref<[^>]*x|memref<)i1\b", r"\1i8", text)


def call(engine, name, arguments, result_kinds):
    """Call a function; its results are written into one structure."""
    fields = [(f"result{number}", field_type(*kind)) for number, kind in enumerate(result_kinds)]
    results = type("Results", (ctypes.Structure,), {"_fields_": fields})()
    # A function may overwrite its arguments, and descriptors do not keep arrays alive.
    copies = [argument.copy() if isinstance(argument, np.ndarray) else argument for argument in arguments]
    packed = [ctypes.pointer(ctypes.pointer(results)), *map(packed_argument, copies)]
    engine.invoke(name, *packed)
    return tuple(value_of(getattr(results, name)) for name, _ in fields)


def field_type(element, rank):
    kind = runtime.as_ctype(np.dtype(element))
    return kind if rank < 0 else runtime.make_nd_memref_descriptor(rank, kind)


def packed_argument(value):
    if isinstance(value, np.ndarray):
        return ctypes.pointer(ctypes.pointer(runtime.get_ranked_memref_descriptor(value)))
    return ctypes.pointer(ctypes.c_int64(value))


def value_of(field):
    if isinstance(field, int):
        return field
    return np.array(runtime.ranked_memref_to_numpy(ctypes.pointer(field)))


if __name__ == "__main__":
    main(*sys.argv[1:])
