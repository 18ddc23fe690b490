"""MLIR text on stdin -> LLVM IR, or MLIR, on stdout: the program that runs MLIR in a process of its own.

    python mlir_worker.py 'builtin.module(...)' ll < module.mlir > module.ll
    python mlir_worker.py 'builtin.module(...)' mlir < module.mlir > lowered.mlir

A malformed module can abort the process in which MLIR runs; nothing else lives in this one.
It imports nothing of rlxc, so that it starts as fast as MLIR itself. Exit code 1: MLIR
refused the module, stderr holds its diagnostics. Exit code 2: MLIR cannot be imported.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

REFUSED = 1
NO_MLIR = 2


def main(pipeline: str, form: str) -> int:
    """Lower the module on stdin by `pipeline`, and translate it if `form` is `ll`; the exit code."""
    try:
        ir, manager, llvm = map(untyped_module, ("mlir.ir", "mlir.passmanager", "mlir.dialects.llvm"))
    except ImportError as error:
        print(error, file=sys.stderr)
        return NO_MLIR
    with ir.Context() as context:
        context.enable_multithreading(False)
        try:
            module = ir.Module.parse(sys.stdin.read())
            manager.PassManager.parse(pipeline).run(module.operation)
            sys.stdout.write(llvm.translate_module_to_llvmir(module.operation) if form == "ll" else f"{module}")
        except (ir.MLIRError, ValueError) as error:
            print(error, file=sys.stderr)
            return REFUSED
    return 0


def untyped_module(name: str) -> Any:
    """A module of MLIR; they are untyped, hence `Any`."""
    return importlib.import_module(name)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
