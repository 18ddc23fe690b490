"""Native code as a Python function on NumPy arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from rlxc.native.abi import MemRef, array_argument
from rlxc.native.arenas import Arenas
from rlxc.native.calls.quick import QuickCalls
from rlxc.native.calls.reader import reader
from rlxc.native.entry import Entry
from rlxc.native.inputs import Inputs, Value, require_count
from rlxc.native.library import Code
from rlxc.native.prepare import Prepare
from rlxc.native.results import Results
from rlxc.native.signature import Signature
from rlxc.native.threads import team_library

Array: TypeAlias = NDArray[Any]


class NativeFunction:
    """The entry function of a loaded library.

    A call checks its arguments, runs the function's own checks (`name_prepare`), allocates
    the results and computes them. A result that a donated argument holds is that very array.
    It changes no argument that is not donated, and Python threads may call it at the same time;
    the GIL is free while the native code runs. `team_code` is what its threads wait in between calls, and
    what reads arrays.
    """

    def __init__(self, signature: Signature, library: Code, team_code: Callable[[], Code] = team_library):
        self.signature = signature
        self._team_code = team_code
        self._enter = Entry(signature, library, team_code)
        self._inputs = Inputs(signature.inputs)
        self._prepare, self._results = Prepare(signature, library), Results(signature)
        self._arenas = Arenas()

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

    def quick_calls(self, parameters: Sequence[int], num_threads: int) -> QuickCalls | None:
        """Calls with these pointers to parameters, if the function is for teams and arrays can be read."""
        if not self.signature.threaded or self.signature.profiled:
            return None
        if (read := reader(self._team_code())) is None:
            return None
        parts = (read, self._prepare, self._results, self._enter, self._arenas)
        return QuickCalls(self.signature, parameters, num_threads, *parts)

    def run(
        self, inputs: Sequence[Value], parameters: Sequence[int], num_threads: int, profile: MemRef | None = None
    ) -> tuple[Array, ...]:
        """Check, prepare, allocate, compute. `parameters` are pointers to memrefs; times are noted in `profile`."""
        arguments = self._inputs.arguments(inputs)
        passed = [one.pointer if isinstance(one, MemRef) else one for one in arguments]
        if self.signature.threaded:
            passed.append(num_threads)
        sizes = self._prepare(passed, self._prepare.memory())
        arrays = [one.array if isinstance(one, MemRef) else None for one in arguments]
        places = self._results.places(arrays, sizes)
        own = [MemRef(one) for one in self._results.own(places)]
        passed += parameters
        passed += [one.pointer for one in own]
        times = [] if profile is None else [profile.pointer]
        if self.signature.arena:
            with self._arenas.lend(sizes[-1]) as arena:
                self._enter([*passed, arena.pointer, *times], num_threads)
        else:
            self._enter([*passed, *times], num_threads)
        return tuple(places)


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

    @cached_property
    def quick(self) -> QuickCalls | None:
        """The same for inputs that are just as expected, if there is such a way for this function."""
        return self.function.quick_calls(self._pointers, self.num_threads)

    def times(self, inputs: Sequence[Value], marks: int) -> NDArray[np.int64]:
        """When each thread was at each of its marks, `[num_threads, marks]`, in a call of a profiled function.

        Times are nanoseconds of the clock that `time.monotonic_ns` reads.
        """
        noted = np.zeros((self.num_threads, marks, 2), np.int64)
        self.function.run(inputs, self._pointers, self.num_threads, MemRef(noted))
        return noted @ np.array([10**9, 1], np.int64)
