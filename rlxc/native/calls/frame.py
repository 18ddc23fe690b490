"""The memory of one call: all descriptors, and the arguments of the threads."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence

import numpy as np

from rlxc.native.abi import MemRef
from rlxc.native.calls.plan import Expected, ReadingPlan
from rlxc.native.entry import shared_types
from rlxc.native.signature import BARRIER_WORDS, ArrayType, Signature
from rlxc.native.threads.entry import arguments_struct, field_name


class Frame:
    """What a call of a threaded function writes into, again and again: everything that stays the same stands there.

    The arguments are the inputs, the number of threads, the parameters, the results that no input holds, the
    arena, and the barrier, which each frame has for itself.
    """

    def __init__(
        self,
        signature: Signature,
        parameters: Sequence[int],
        num_threads: int,
        returned: ctypes.Array[ctypes.c_int64],
    ):
        self.returned = returned
        """Memory for what the prepare function returns."""
        inputs = [
            Expected(n, one.type, one.donated)
            for n, one in enumerate(signature.inputs)
            if isinstance(one.type, ArrayType)
        ]
        own = [kind for number, kind in enumerate(signature.results) if number not in signature.holders]
        self.inputs = ReadingPlan(inputs)
        self.results = ReadingPlan([Expected(n, of_any_size(kind)) for n, kind in enumerate(own)])
        self._barrier = MemRef(np.zeros(BARRIER_WORDS, np.int64))
        places = dict(zip((one.index for one in inputs), self.inputs.pointers, strict=True))
        self.passed = [*(places.get(n, 0) for n in range(len(signature.inputs))), num_threads]
        """What the prepare function takes: pointers, with a place for each number."""
        arena = [0] if signature.arena else []
        values = [*self.passed, *parameters, *self.results.pointers, *arena, self._barrier.pointer]
        self.arguments = arguments_struct(shared_types(signature))(*values)
        self.address = ctypes.addressof(self.arguments)
        """Where the arguments of the threads lie."""
        self.arena_field = field_name(len(values) - 2)


def of_any_size(kind: ArrayType) -> ArrayType:
    """The type with sizes that nobody compares."""
    return ArrayType(kind.element, tuple(size if isinstance(size, int) else "" for size in kind.shape))
