"""`rlxc.compile`."""

from __future__ import annotations

from typing import Literal, get_args

from numpy.typing import DTypeLike
from xdsl.dialects.builtin import ModuleOp

from rlxc.diagnostics import RlxcError, did_you_mean
from rlxc.inspect.pipeline_text import parse_fusion
from rlxc.passes.remarks import collect_remarks
from rlxc.runtime.compiled import CompiledFunction, Executable
from rlxc.runtime.levels import lower_to
from rlxc.runtime.parameters import LoadedParams, check_weights
from rlxc.runtime.program import Program, Source, load_program
from rlxc.runtime.signature import signature_of
from rlxc.weights.open import Weights

Target = Literal["numpy", "native", "reference"]


def compile(
    source: Source,
    target: Target = "numpy",
    weights: Weights | None = None,
    pipeline: str | None = "fuse",
    *,
    dtype: DTypeLike | None = None,
    threads: int | None = None,
) -> CompiledFunction:
    """Compile a program to a function on NumPy arrays.

    `source` is a built flow, a module, or the path of a `.mlir` or `.py` file. `weights` are arrays by
    key, a weight source, a weight file, or `random:SEED`; they are loaded here, once. `pipeline` is what
    fuses: a named pipeline, passes in xDSL's syntax, or None.

    - `numpy` runs printed NumPy code, `native` machine code made by MLIR and LLVM. `threads` share the
      work of a call of the latter: by default as many as the environment variable RLXC_NUM_THREADS says,
      or else as this process has cores. Calls from several Python threads take turns, then; the same
      number of threads gives the same result, bit for bit.
    - `reference` evaluates the program as it is written, operation by operation, with no pass in
      between: the oracle of the others. With `dtype`, it computes in that type, such as float64.

    Raises RlxcError for a program, weights or options that cannot be compiled.
    """
    check_options(target, dtype, threads)
    if pipeline is not None:
        parse_fusion(pipeline)
    program = load_program(source, weights)
    signature = signature_of(program.module)
    check_weights(program.module, program.weights)
    with collect_remarks() as remarks:
        fused = lower_to(program.module, "fused", pipeline)
    executable = executable_for(target, signature.name, program, fused, dtype, threads)
    text = "\n".join(map(str, remarks))
    return CompiledFunction(signature, target, str(program.module), str(fused), text, executable)


def check_options(target: str, dtype: DTypeLike | None, threads: int | None) -> None:
    """Raise RlxcError if there is no such target, or if it has no such option."""
    if target not in get_args(Target):
        raise RlxcError(
            f"unknown target '{target}'{did_you_mean(target, get_args(Target))}",
            hint=f"use one of {', '.join(get_args(Target))}",
        )
    if dtype is not None and target != "reference":
        raise RlxcError(f"target '{target}' computes in the types of the program", hint="dtype is for 'reference'")
    if threads is not None and target != "native":
        raise RlxcError(f"target '{target}' does not share its work", hint="threads is for 'native'")


def executable_for(
    target: Target, name: str, program: Program, fused: ModuleOp, dtype: DTypeLike | None, threads: int | None
) -> Executable:
    """What the target makes of the program. Each target is imported only when it is used."""
    if target == "reference":
        from rlxc.runtime.reference_target import ReferenceFunction

        return ReferenceFunction(name, program.module.clone(), LoadedParams(program.module, program.weights), dtype)
    params = LoadedParams(fused, program.weights)
    if target == "numpy":
        from rlxc.runtime.numpy_target import NumpyFunction

        return NumpyFunction(name, lower_to(fused, "linalg", None), params)
    from rlxc.native.threads import thread_count
    from rlxc.runtime.native_target import NativeTarget

    return NativeTarget(fused, "kernels", params, thread_count(threads))
