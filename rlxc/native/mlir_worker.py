"""MLIR text on stdin -> LLVM IR, MLIR or object code on stdout: the program that runs MLIR in a process of its own.

    python mlir_worker.py 'builtin.module(...)' ll < module.mlir > module.ll
    python mlir_worker.py 'builtin.module(...)' mlir < module.mlir > lowered.mlir
    python mlir_worker.py 'builtin.module(...)' object '["directory", ["triple", "cpu", "features"], 2, []]' > code.o
    python mlir_worker.py '' llvm '["directory", ["triple", "cpu", "features"], 2, ["exported"]]' < module.ll > code.o

A malformed module can abort the process in which MLIR runs; nothing else lives in this one.
It imports nothing of rlxc but what makes object code, so that it starts as fast as MLIR itself. LLVM IR that goes into
the object comes after the module and a `SEPARATOR`. Exit code 1: MLIR refused the module, stderr holds its diagnostics.
Exit code 2: MLIR cannot be imported. Exit code 3: object code cannot be made, stderr says why.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable
from typing import Any

REFUSED = 1
NO_MLIR = 2
NO_CODE = 3

SEPARATOR = "\0"
"""It occurs in no text of MLIR."""


def main(pipeline: str, form: str, options: str = "") -> int:
    """Lower the module on stdin by `pipeline`, and translate it as `form` says; the exit code.

    LLVM IR, for the form `llvm`, needs no MLIR.
    """
    if form == "llvm":
        return write(object_maker(options)(sys.stdin.buffer.read().decode()))
    try:
        ir, manager, llvm = map(untyped_module, ("mlir.ir", "mlir.passmanager", "mlir.dialects.llvm"))
    except ImportError as error:
        print(error, file=sys.stderr)
        return NO_MLIR
    compile_object = object_maker(options) if form == "object" else None
    with ir.Context() as context:
        context.enable_multithreading(False)
        text, _, more_llvm_ir = sys.stdin.buffer.read().decode().partition(SEPARATOR)
        try:
            module = ir.Module.parse(text)
            manager.PassManager.parse(pipeline).run(module.operation)
            made = f"{module}" if form == "mlir" else llvm.translate_module_to_llvmir(module.operation)
        except (ir.MLIRError, ValueError) as error:
            print(error, file=sys.stderr)
            return REFUSED
    return write(made.encode() if compile_object is None else compile_object(made + more_llvm_ir))


def object_maker(options: str) -> Callable[[str], bytes | str]:
    """What makes object code of LLVM IR, or says why not."""
    directory, target, optimization_level, exported = json.loads(options)
    sys.path.append(directory)
    codegen, diagnostics = map(untyped_module, ("rlxc.native.codegen", "rlxc.diagnostics"))

    def compile_object(llvm_ir: str) -> bytes | str:
        try:
            return codegen.compile_object(llvm_ir, codegen.Target(*target), optimization_level, exported)
        except diagnostics.RlxcError as error:
            return str(error)

    return compile_object


def write(made: bytes | str) -> int:
    """Write what was made, or why it was not; the exit code."""
    if isinstance(made, str):
        print(made, file=sys.stderr)
        return NO_CODE
    sys.stdout.buffer.write(made)
    return 0


def untyped_module(name: str) -> Any:
    """A module of MLIR or rlxc; they are untyped here, hence `Any`."""
    return importlib.import_module(name)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
