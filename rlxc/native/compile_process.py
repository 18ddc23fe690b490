"""MLIR text to object code in a process of its own, which gets ready before there is a module.

The memory that LLVM takes is returned to the system with the process, and Python goes on meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import astuple, dataclass
from itertools import accumulate, pairwise
from pathlib import Path
from typing import TypeAlias

from rlxc.native import mlir_process
from rlxc.native.codegen import Target, compile_object


@dataclass(frozen=True)
class Part:
    """A module as text, LLVM IR that comes with it, and what other parts call of it."""

    text: str
    llvm_ir: str = ""
    exported: tuple[str, ...] = ()


Compile: TypeAlias = Callable[[Sequence[Part]], list[bytes]]
"""From the parts of a module at the affine or kernels level to their object code."""

ROOT = Path(__file__).parents[2]
"""Where a process that was not started like this one finds rlxc."""


def compiling(target: Target, optimization_level: int, timeout: float) -> AbstractContextManager[Compile]:
    """What compiles one module, and imports MLIR and LLVM until it gets it. The tools of MLIR do not get ready."""
    if mlir_process.only_tools():

        def with_tools(parts: Sequence[Part]) -> list[bytes]:
            llvm_irs = [mlir_process.lower_with_tools(part.text, timeout) + part.llvm_ir for part in parts]
            return [
                compile_object(llvm_ir, target, optimization_level, part.exported)
                for llvm_ir, part in zip(llvm_irs, parts, strict=True)
            ]

        return nullcontext(with_tools)
    return started_compiler(mlir_process.worker("object", options(target, optimization_level)), timeout)


def options(target: Target, optimization_level: int) -> str:
    """What `mlir_worker` has to know to make object code."""
    return json.dumps([str(ROOT), astuple(target), optimization_level])


@contextmanager
def started_compiler(command: list[str], timeout: float) -> Generator[Compile]:
    """What gives the parts of one module to a process that has been started."""
    with mlir_process.started_process(command, timeout) as exchange:
        yield lambda parts: objects(exchange(json.dumps(list(map(astuple, parts))).encode()))


def objects(written: bytes) -> list[bytes]:
    """The objects that `mlir_worker` has written."""
    head, _, content = written.partition(b"\n")
    return divided(content, json.loads(head))


def divided(content: bytes, sizes: Iterable[int]) -> list[bytes]:
    """What lies one behind the other, by sizes."""
    return [content[start:end] for start, end in pairwise(accumulate(sizes, initial=0))]


def compile_apart(llvm_ir: str, target: Target, exported: Sequence[str], timeout: float = 60.0) -> bytes:
    """What `compile_object` makes, in a process of its own."""
    command = mlir_process.python_worker("", "object", options(target, 2))
    with started_compiler(command, timeout) as compile_parts:
        return compile_parts([Part("", llvm_ir, tuple(exported))])[0]
