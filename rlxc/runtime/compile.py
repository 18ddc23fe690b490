"""`rlxc.compile`."""

from __future__ import annotations

from typing import Literal, get_args

from numpy.typing import DTypeLike

from rlxc.diagnostics import RlxcError, did_you_mean
from rlxc.runtime.account import Account
from rlxc.runtime.compiled import CompiledFunction, Executable
from rlxc.runtime.fusion import DEFAULT_PIPELINE, Fusion, check_pipeline
from rlxc.runtime.levels import lower_to
from rlxc.runtime.parameters import LoadedParams
from rlxc.runtime.program import Program, Source, load_program
from rlxc.runtime.program_parameters import check_weights, param_specs
from rlxc.runtime.program_signature import signature_of
from rlxc.runtime.shared_weights import SharedWeights
from rlxc.weights import WeightSource
from rlxc.weights.open import Weights

Target = Literal["numpy", "native", "reference"]


def compile(
    source: Source,
    target: Target = "numpy",
    weights: Weights | None = None,
    pipeline: str | None = DEFAULT_PIPELINE,
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
    check_pipeline(pipeline)
    return compile_program(load_program(source, weights), target, pipeline, dtype, threads)


def compile_program(
    program: Program,
    target: Target,
    pipeline: str | None = DEFAULT_PIPELINE,
    dtype: DTypeLike | None = None,
    threads: int | None = None,
    shared: SharedWeights | None = None,
) -> CompiledFunction:
    """Compile a program like `compile`, which has checked the options. Native programs may share their weights."""
    signature = signature_of(program.module)
    check_weights(program.module, program.weights)
    fusion = Fusion(program.module, pipeline)
    account, executable = executable_for(target, signature.name, fusion, program.weights, dtype, threads, shared)
    return CompiledFunction(signature, target, account.ir, account.fused_ir, account.remarks, executable)


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
    target: Target,
    name: str,
    fusion: Fusion,
    weights: WeightSource,
    dtype: DTypeLike | None,
    threads: int | None,
    shared: SharedWeights | None,
) -> tuple[Account, Executable]:
    """What the target makes of the program, and what there is to say of it.

    Each target is imported only when it is used.
    """
    if target == "native":
        from rlxc.native.threads import thread_count
        from rlxc.runtime.native_target import compile_native

        return compile_native(fusion, weights, thread_count(threads), shared or SharedWeights())
    account = fusion.account
    if target == "numpy":
        from rlxc.runtime.numpy_target import NumpyFunction

        params = LoadedParams(account.fused_params, weights)
        return account, NumpyFunction(name, lower_to(fusion.module, "numpy", None), params)
    from rlxc.runtime.reference_target import ReferenceFunction

    params = LoadedParams(param_specs(fusion.program), weights)
    return account, ReferenceFunction(name, fusion.program, params, dtype)
