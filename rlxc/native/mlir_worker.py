"""MLIR text on stdin -> LLVM IR or MLIR on stdout, or parts of a module -> object code: MLIR in a process of its own.

    python mlir_worker.py 'builtin.module(...)' ll < module.mlir > module.ll
    python mlir_worker.py 'builtin.module(...)' mlir < module.mlir > lowered.mlir
    python mlir_worker.py 'builtin.module(...)' object OPTIONS < parts > objects
    python mlir_worker.py '' object OPTIONS < parts > objects

A malformed module can abort the process in which MLIR runs; nothing else lives in this one.
It imports nothing of rlxc but what makes object code, so that it starts as fast as MLIR itself.

OPTIONS are JSON: `[DIRECTORY OF rlxc, [TRIPLE, CPU, FEATURES], OPTIMIZATION LEVEL]`. Parts are a JSON list of
`[MLIR, LLVM IR that comes with it, names to be exported]`. Each but the first is compiled by a fork of this process, at
the same time. What is written is the JSON list of the sizes of the objects, in one line, and the objects.

Exit code 1: MLIR refused the module, stderr holds its diagnostics.
Exit code 2: MLIR cannot be imported. Exit code 3: object code cannot be made, stderr says why.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NoReturn, TypeAlias, cast

REFUSED = 1
NO_MLIR = 2
NO_CODE = 3

PR_SET_PDEATHSIG = 1
"""Of Linux: which signal a process gets when its parent ends."""

Part: TypeAlias = tuple[str, str, Sequence[str]]


def main(pipeline: str, form: str, options: str = "") -> None:
    """Make what `form` says of stdin. Exits with another code than 0 if that is not possible."""
    mlir = imported_mlir() if pipeline else None
    if form == "object":
        write_objects(object_maker(mlir, pipeline, options))
    else:
        assert mlir is not None
        sys.stdout.buffer.write(lowered(mlir, sys.stdin.buffer.read().decode(), pipeline, form).encode())


def imported_mlir() -> tuple[Any, Any, Any]:
    """The modules of MLIR that are needed.

    They need no NumPy, which takes longer than all of them, and has threads that a fork has not.
    """
    sys.modules["numpy"] = cast(Any, None)
    try:
        ir, manager, llvm = map(untyped_module, ("mlir.ir", "mlir.passmanager", "mlir.dialects.llvm"))
    except ImportError as error:
        end(NO_MLIR, error)
    return ir, manager, llvm


def lowered(mlir: tuple[Any, Any, Any], text: str, pipeline: str, form: str) -> str:
    """A module after the passes, as MLIR or as LLVM IR."""
    ir, manager, llvm = mlir
    with ir.Context() as context:
        context.enable_multithreading(False)
        try:
            module = ir.Module.parse(text)
            passes = manager.PassManager.parse(pipeline)
            # LLVM verifies what becomes LLVM IR, MLIR what it reads: after each pass, that takes a third of the time.
            passes.enable_verifier(form == "mlir")
            passes.run(module.operation)
            return f"{module}" if form == "mlir" else llvm.translate_module_to_llvmir(module.operation)
        except (ir.MLIRError, ValueError) as error:
            end(REFUSED, error)


def object_maker(mlir: tuple[Any, Any, Any] | None, pipeline: str, options: str) -> Callable[[Part], bytes]:
    """What makes object code of a part: LLVM is imported."""
    directory, target, optimization_level = json.loads(options)
    sys.path.append(directory)
    codegen, diagnostics = map(untyped_module, ("rlxc.native.codegen", "rlxc.diagnostics"))

    def compile_object(part: Part) -> bytes:
        text, llvm_ir, exported = part
        if mlir is not None:
            llvm_ir = lowered(mlir, text, pipeline, "ll") + llvm_ir
        try:
            return codegen.compile_object(llvm_ir, codegen.Target(*target), optimization_level, exported)
        except diagnostics.RlxcError as error:
            end(NO_CODE, error)

    return compile_object


def write_objects(compile_object: Callable[[Part], bytes]) -> None:
    """Compile the parts on stdin."""
    first, *others = json.loads(sys.stdin.buffer.read())
    forks = [Fork(compile_object, part) for part in others]
    try:
        objects = [compile_object(first), *(fork.result() for fork in forks)]
    finally:
        for fork in forks:
            fork.kill()
    sizes = json.dumps(list(map(len, objects)))
    sys.stdout.buffer.write(b"".join((sizes.encode(), b"\n", *objects)))


class Fork:
    """A fork of this process, which has one thread, that makes one object; this one makes it if there can be none."""

    def __init__(self, compile_object: Callable[[Part], bytes], part: Part):
        self._make = partial(compile_object, part)
        self._output, written = os.pipe()
        self._pid = forked()
        if self._pid == 0:
            os.close(self._output)
            run_to_the_end(self._make, written)
        os.close(written)

    def result(self) -> bytes:
        """The object. This process ends as the fork did, if that made none."""
        with os.fdopen(self._output, "rb") as stream:
            made = stream.read()
        if self._pid is None:
            return self._make()
        status, self._pid = os.waitpid(self._pid, 0)[1], None
        if os.WIFSIGNALED(status):
            os.kill(os.getpid(), os.WTERMSIG(status))
        if code := os.WEXITSTATUS(status):
            sys.exit(code)
        return made

    def kill(self) -> None:
        """Leave no process behind."""
        if self._pid is not None:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)


def forked() -> int | None:
    """The process of a fork, 0 in the fork; None if there can be none."""
    try:
        return os.fork()
    except (AttributeError, OSError):
        return None


def run_to_the_end(make: Callable[[], bytes], output: int) -> NoReturn:
    """Make an object in a fork, write it and end. It ends with its parent, and holds none of what that has open."""
    code: object = NO_CODE
    try:
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        with os.fdopen(output, "wb") as stream:
            stream.write(make())
        code = 0
    except SystemExit as ended:
        code = ended.code
    except BaseException:  # Whatever it is, nothing of the parent may go on here.
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else NO_CODE)


def end(code: int, reason: Exception) -> NoReturn:
    """Exit, and say why."""
    print(reason, file=sys.stderr)
    sys.exit(code)


def untyped_module(name: str) -> Any:
    """A module of MLIR or rlxc; they are untyped here, hence `Any`."""
    return importlib.import_module(name)


if __name__ == "__main__":
    main(*sys.argv[1:])
