"""MLIR text to object code in a process of its own, which gets ready before there is a module.

The memory that LLVM takes is returned to the system with the process, and Python goes on meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import astuple
from pathlib import Path
from typing import TypeAlias

from rlxc.native import mlir_process
from rlxc.native.codegen import Target, compile_object
from rlxc.native.mlir_worker import SEPARATOR

Compile: TypeAlias = Callable[[str, str], bytes]
"""From the text of a module at the affine or kernels level, and LLVM IR that comes with it, to object code."""

ROOT = Path(__file__).parents[2]
"""Where a process that was not started like this one finds rlxc."""


def compiling(target: Target, optimization_level: int, timeout: float) -> AbstractContextManager[Compile]:
    """What compiles one module, and imports MLIR and LLVM until it gets it. The tools of MLIR do not get ready."""
    if mlir_process.only_tools():

        def with_tools(text: str, more_llvm_ir: str) -> bytes:
            llvm_ir = mlir_process.lower_with_tools(text, timeout) + more_llvm_ir
            return compile_object(llvm_ir, target, optimization_level)

        return nullcontext(with_tools)
    return started_compiler(mlir_process.worker("object", options(target, optimization_level)), timeout)


def options(target: Target, optimization_level: int, exported: Sequence[str] = ()) -> str:
    """What `mlir_worker` has to know to make object code."""
    return json.dumps([str(ROOT), astuple(target), optimization_level, exported])


@contextmanager
def started_compiler(command: list[str], timeout: float) -> Generator[Compile]:
    """What gives one module to a process that has been started."""
    with mlir_process.started_process(command, timeout) as exchange:
        yield lambda text, more_llvm_ir: exchange(f"{text}{SEPARATOR}{more_llvm_ir}".encode())


def compile_apart(llvm_ir: str, target: Target, exported: Sequence[str], timeout: float = 60.0) -> bytes:
    """What `compile_object` makes, in a process of its own."""
    command = mlir_process.python_worker("", "llvm", options(target, 2, exported))
    with mlir_process.started_process(command, timeout) as exchange:
        return exchange(llvm_ir.encode())
