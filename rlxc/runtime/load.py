"""`rlxc.load`: a compiled program that comes from a shared library."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from rlxc.diagnostics import RlxcError
from rlxc.native.calls.quick import QuickCalls
from rlxc.native.function import BoundFunction, NativeFunction
from rlxc.native.manifest import Manifest
from rlxc.native.shared_library import SharedLibrary, library_manifest
from rlxc.native.signature import ArrayType
from rlxc.native.signature import ScalarType as NativeScalar
from rlxc.native.signature import Signature as NativeSignature
from rlxc.native.threads import thread_count
from rlxc.runtime.account import Account
from rlxc.runtime.arguments import Array, Value
from rlxc.runtime.compiled import CompiledFunction
from rlxc.runtime.packing import parameter_values
from rlxc.runtime.parameters import LoadedParams, check_specs
from rlxc.runtime.signature import InputSpec, ScalarSpec, Signature, TensorSpec
from rlxc.weights import WeightSource, as_source, random_seed
from rlxc.weights.open import Weights


class LibraryFunction:
    """Runs the function of a library. A library does not tell what its code was made of."""

    source = ""

    def __init__(self, function: BoundFunction):
        self._function = function

    def __call__(self, inputs: Sequence[Value]) -> tuple[Array, ...]:
        """The results for the inputs in order. Raises RlxcError where a run-time condition does not hold."""
        return self._function(inputs)

    @property
    def quick(self) -> QuickCalls | None:
        """See `rlxc.runtime.compiled.Quick`."""
        return self._function.quick


def load(
    library: str | os.PathLike[str], weights: Weights | None = None, *, threads: int | None = None
) -> CompiledFunction:
    """The function of a shared library that `rlxc compile` has written, as `rlxc.compile` would give it.

    `weights` and `threads` are as for `rlxc.compile`. The library tells what it takes; nothing is compiled, and neither
    xDSL nor MLIR nor LLVM is imported. Loading a library runs its code: load only what you trust.

    Raises RlxcError for a file that is no such library, or is for another machine, and for weights that do not fit.
    """
    num_threads = thread_count(threads)
    path = Path(library)
    manifest = library_manifest(path)
    account = program_account(path, manifest)
    source = weight_source(account, weights)
    check_specs(account.params, source)
    code = SharedLibrary(path)
    function = NativeFunction(manifest.signature, code, lambda: code)
    values = parameter_values(manifest.signature.parameters, LoadedParams(account.fused_params, source), num_threads)
    return CompiledFunction(
        program_signature(manifest.signature),
        "library",
        account.ir,
        account.fused_ir,
        account.remarks,
        LibraryFunction(function.bind(values, num_threads)),
    )


def program_account(path: Path, manifest: Manifest) -> Account:
    """What the library at `path` says of its program."""
    try:
        return Account.from_data(manifest.program)
    except (KeyError, TypeError, ValueError) as error:
        raise RlxcError(f"cannot load '{path}': its manifest is damaged", hint="compile the program again") from error


def weight_source(account: Account, weights: Weights | None) -> WeightSource:
    """The source of the weights; random ones depend on how the program uses them, so that it is read for these."""
    if not isinstance(weights, str) or random_seed(weights) is None:
        return as_source(weights)
    from rlxc.diagnostics.parse import parse_module
    from rlxc.inspect.registry import make_context
    from rlxc.runtime.program import weights_for

    return weights_for(parse_module(make_context(), account.ir), weights)


def program_signature(native: NativeSignature) -> Signature:
    """The signature in a caller's terms."""
    inputs = (InputSpec(one.name, spec_of_type(one.type)) for one in native.inputs)
    return Signature(native.name, tuple(inputs), tuple(map(tensor_spec, native.results)))


def spec_of_type(kind: ArrayType | NativeScalar) -> TensorSpec | ScalarSpec:
    """The type of an input."""
    return tensor_spec(kind) if isinstance(kind, ArrayType) else ScalarSpec(kind.element)


def tensor_spec(kind: ArrayType) -> TensorSpec:
    """The type of an array."""
    return TensorSpec(kind.element, kind.shape)
