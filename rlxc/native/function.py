"""Native code as a Python function on NumPy arrays."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from rlxc.diagnostics import RlxcError
from rlxc.native.abi import DTYPES, MemRef, array_argument
from rlxc.native.arenas import Arenas
from rlxc.native.entry import Entry, input_types
from rlxc.native.inputs import Inputs, Value, require_count
from rlxc.native.library import Code
from rlxc.native.signature import ArrayType, Signature
from rlxc.native.threads import team_library

Array: TypeAlias = NDArray[Any]


class NativeFunction:
    """The entry function of a loaded library.

    A call checks its arguments, runs the function's own checks (`name_prepare`), allocates
    the results and computes them. A result that a donated argument holds is that very array.
    It changes no argument that is not donated, and Python threads may call it at the same time;
    the GIL is free while the native code runs. `team_code` is what its threads wait in between calls.
    """

    def __init__(self, signature: Signature, library: Code, team_code: Callable[[], Code] = team_library):
        self.signature = signature
        self._enter = Entry(signature, library, team_code)
        self._inputs = Inputs(signature.inputs)
        self._arenas = Arenas()
        self._holders = signature.holders
        inputs, prepare = input_types(signature), signature.symbols[1]
        self._returns = signature.returned
        self._returned = ctypes.c_int64 * (1 + self._returns)
        if self._returns:
            self._prepare = library.function(prepare, None, ctypes.c_void_p, *inputs)
        else:
            self._prepare = library.function(prepare, ctypes.c_int64, *inputs)

    def __call__(self, inputs: Sequence[Value], parameters: Sequence[Array], num_threads: int = 1) -> tuple[Array, ...]:
        """The results for `inputs` and `parameters`, both in the order of the signature."""
        return self.bind(parameters, num_threads)(inputs)

    def bind(self, parameters: Sequence[Array], num_threads: int = 1) -> BoundFunction:
        """The function with its parameters given once. They must not change their size or place afterwards.

        A function that is not for teams runs on one thread, whatever `num_threads` is.
        """
        expected = self.signature.parameters
        require_count("parameters", len(expected), len(parameters))
        values = [array_argument(one.name, one.type, value) for one, value in zip(expected, parameters, strict=True)]
        return BoundFunction(self, values, num_threads)

    def run(
        self, inputs: Sequence[Value], parameters: Sequence[int], num_threads: int, profile: MemRef | None = None
    ) -> tuple[Array, ...]:
        """Check, prepare, allocate, compute. `parameters` are pointers to memrefs; times are noted in `profile`."""
        arguments = self._inputs.arguments(inputs)
        passed = [one.pointer if isinstance(one, MemRef) else one for one in arguments]
        if self.signature.threaded:
            passed.append(num_threads)
        sizes = iter(self._prepared(passed))
        results = self._results(arguments, sizes)
        own = [one for number, one in enumerate(results) if number not in self._holders]
        passed += parameters
        passed += [one.pointer for one in own]
        times = [] if profile is None else [profile.pointer]
        if self.signature.arena:
            with self._arenas.lend(next(sizes)) as arena:
                self._enter([*passed, arena.pointer, *times], num_threads)
        else:
            self._enter([*passed, *times], num_threads)
        return tuple([one.array for one in results])

    def _results(self, arguments: Sequence[Any], sizes: Iterator[int]) -> list[MemRef]:
        """Where each result goes: into the array of the input that holds it, or into new memory."""
        places: list[MemRef] = []
        for number, kind in enumerate(self.signature.results):
            shape = [next(sizes) if isinstance(size, str) else size for size in kind.shape]
            held = number in self._holders
            places.append(arguments[self._holders[number]] if held else allocate_result(kind, shape))
        return places

    def _prepared(self, passed: Sequence[Any]) -> Sequence[int]:
        """What the prepare function returns after the status, if the checks hold."""
        if self._returns:
            returned = self._returned()
            self._prepare(ctypes.addressof(returned), *passed)
            status, *sizes = returned
        else:
            status, sizes = self._prepare(*passed), []
        if status != 0:
            raise RlxcError(f"{self.signature.name}: {self.signature.checks[status - 1]}")
        return sizes


class BoundFunction:
    """A native function with its parameters, to be called on inputs alone."""

    def __init__(self, function: NativeFunction, parameters: Sequence[MemRef], num_threads: int):
        self.function = function
        self.parameters = tuple(parameters)
        self._pointers = [one.pointer for one in parameters]
        self.num_threads = num_threads

    def __call__(self, inputs: Sequence[Value]) -> tuple[Array, ...]:
        """The results for `inputs`, in the order of the signature."""
        return self.function.run(inputs, self._pointers, self.num_threads)

    def times(self, inputs: Sequence[Value], marks: int) -> NDArray[np.int64]:
        """When each thread was at each of its marks, `[num_threads, marks]`, in a call of a profiled function.

        Times are nanoseconds of the clock that `time.monotonic_ns` reads.
        """
        noted = np.zeros((self.num_threads, marks, 2), np.int64)
        self.function.run(inputs, self._pointers, self.num_threads, MemRef(noted))
        return noted @ np.array([10**9, 1], np.int64)


def allocate_result(kind: ArrayType, shape: Sequence[int]) -> MemRef:
    """An array for one result."""
    try:
        return MemRef(np.empty(shape, DTYPES[kind.element]))
    except (MemoryError, ValueError) as error:
        raise RlxcError(f"cannot allocate a result of shape {list(shape)}: {error}") from error
