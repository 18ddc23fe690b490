"""Native code as a Python function on NumPy arrays."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from rlxc.diagnostics import RlxcError
from rlxc.native.abi import DTYPES, SCALARS, MemRef, array_argument, scalar_argument
from rlxc.native.library import Library
from rlxc.native.signature import ArrayType, Input, Signature

Array: TypeAlias = NDArray[Any]
Value: TypeAlias = "Array | np.generic | int | float"


class NativeFunction:
    """The entry function of a loaded library.

    A call checks its arguments, runs the function's own checks (`name_prepare`), allocates
    the results and computes them. It changes none of its arguments and no state, so that
    threads may call it at the same time; the GIL is free while the native code runs.
    """

    def __init__(self, signature: Signature, library: Library):
        self.signature = signature
        entry, prepare = signature.symbols
        inputs = [input_type(one) for one in signature.inputs]
        pointers = [ctypes.c_void_p] * (len(signature.parameters) + len(signature.results))
        self._entry = library.function(entry, None, *inputs, *pointers)
        self._sizes = sum(len(result.dynamic_axes) for result in signature.results)
        if self._sizes:
            self._prepare = library.function(prepare, None, ctypes.c_void_p, *inputs)
        else:
            self._prepare = library.function(prepare, ctypes.c_int64, *inputs)

    def __call__(self, inputs: Sequence[Value], parameters: Sequence[Array]) -> tuple[Array, ...]:
        """The results for `inputs` and `parameters`, both in the order of the signature."""
        return self.bind(parameters)(inputs)

    def bind(self, parameters: Sequence[Array]) -> BoundFunction:
        """The function with its parameters given once. They must not change their size or place afterwards."""
        expected = self.signature.parameters
        require_count("parameters", len(expected), len(parameters))
        return BoundFunction(
            self, [array_argument(one.name, one.type, value) for one, value in zip(expected, parameters, strict=True)]
        )

    def run(self, inputs: Sequence[Value], parameters: Sequence[MemRef]) -> tuple[Array, ...]:
        """Check, prepare, allocate, compute."""
        expected = self.signature.inputs
        require_count("inputs", len(expected), len(inputs))
        arguments = [argument(one, value) for one, value in zip(expected, inputs, strict=True)]
        require_equal_sizes(expected, arguments)
        passed = [one.pointer if isinstance(one, MemRef) else one for one in arguments]
        results = [
            allocate(shape, kind) for shape, kind in zip(self._shapes(passed), self.signature.results, strict=True)
        ]
        self._entry(*passed, *(one.pointer for one in parameters), *(one.pointer for one in results))
        return tuple(one.array for one in results)

    def _shapes(self, passed: Sequence[Any]) -> list[tuple[int, ...]]:
        """The shapes of the results, if the checks hold."""
        if self._sizes:
            returned = (ctypes.c_int64 * (1 + self._sizes))()
            self._prepare(ctypes.addressof(returned), *passed)
            status, *sizes = returned
        else:
            status, sizes = self._prepare(*passed), []
        if status != 0:
            raise RlxcError(f"{self.signature.name}: {self.signature.checks[status - 1]}")
        rest = iter(sizes)
        return [
            tuple(next(rest) if isinstance(size, str) else size for size in result.shape)
            for result in self.signature.results
        ]


class BoundFunction:
    """A native function with its parameters, to be called on inputs alone."""

    def __init__(self, function: NativeFunction, parameters: Sequence[MemRef]):
        self.function = function
        self.parameters = tuple(parameters)

    def __call__(self, inputs: Sequence[Value]) -> tuple[Array, ...]:
        """The results for `inputs`, in the order of the signature."""
        return self.function.run(inputs, self.parameters)


def input_type(one: Input) -> type[Any]:
    """The C type of an input: a pointer to a descriptor, or a number."""
    return ctypes.c_void_p if isinstance(one.type, ArrayType) else SCALARS[one.type.element]


def argument(one: Input, value: Value) -> Any:
    """The checked argument: a `MemRef` or a C number."""
    if isinstance(one.type, ArrayType):
        return array_argument(one.name, one.type, value)
    return scalar_argument(one.name, one.type, value)


def require_equal_sizes(inputs: Sequence[Input], arguments: Sequence[Any]) -> None:
    """Raise if a size that several inputs name is not the same in all of them."""
    known: dict[str, tuple[int, str]] = {}
    for one, given in zip(inputs, arguments, strict=True):
        if not isinstance(one.type, ArrayType):
            continue
        for name, size in zip(one.type.shape, given.array.shape, strict=True):
            if isinstance(name, str) and name and known.setdefault(name, (size, one.name))[0] != size:
                other, where = known[name]
                raise RlxcError(f"'{name}' is {other} in '{where}' but {size} in '{one.name}'")


def require_count(what: str, expected: int, found: int) -> None:
    """Raise unless the right number of arguments is given."""
    if expected != found:
        raise RlxcError(f"expected {expected} {what}, got {found}")


def allocate(shape: tuple[int, ...], kind: ArrayType) -> MemRef:
    """An array for one result."""
    try:
        return MemRef(np.empty(shape, DTYPES[kind.element]))
    except (MemoryError, ValueError) as error:
        raise RlxcError(f"cannot allocate a result of shape {list(shape)}: {error}") from error
