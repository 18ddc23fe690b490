"""Entering a native function: on the calling thread, or on all threads of a team."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from rlxc.native.abi import SCALARS, MemRef
from rlxc.native.library import Code
from rlxc.native.signature import BARRIER_WORDS, ArrayType, Signature
from rlxc.native.threads import team_of
from rlxc.native.threads.entry import arguments_struct, thread_entry


class Entry:
    """The entry function of a loaded library."""

    def __init__(self, signature: Signature, library: Code, team_code: Callable[[], Code]):
        shared = shared_types(signature)
        self._threaded = signature.threaded
        self._team_code = team_code
        if not signature.threaded:
            self._function = library.function(signature.symbols[0], None, *shared)
            return
        *arguments, barrier = shared
        self._function = library.function(signature.symbols[0], None, *arguments, ctypes.c_int64, barrier)
        self._arguments = arguments_struct(shared)
        self._barriers: list[MemRef] = []
        self._on_thread = library.address(signature.thread_symbol)
        self._on_this_thread = library.function(signature.thread_symbol, None, ctypes.c_void_p, ctypes.c_int64)

    def __call__(self, arguments: Sequence[Any], num_threads: int) -> None:
        """Call the function with everything but a thread number and a barrier. One thread needs no team."""
        if not self._threaded:
            self._function(*arguments)
        elif num_threads == 1:
            # As many barriers are kept as there were calls at the same time; a call leaves its own in order.
            try:
                barrier = self._barriers.pop()
            except IndexError:
                barrier = MemRef(np.zeros(BARRIER_WORDS, np.int64))
            self._function(*arguments, 0, barrier.pointer)
            self._barriers.append(barrier)
        else:
            team = team_of(num_threads, self._team_code)
            struct = self._arguments(*arguments, team.barrier.pointer)
            team.run(self._on_thread, ctypes.addressof(struct))

    def all_threads(self, arguments: int, num_threads: int) -> None:
        """Call a function for teams with the struct of its arguments at this address."""
        if num_threads == 1:
            self._on_this_thread(arguments, 0)
        else:
            team_of(num_threads, self._team_code).run(self._on_thread, arguments)


def input_types(signature: Signature) -> list[type[Any]]:
    """The C types of what is passed on each call: pointers to descriptors, numbers, the number of threads."""
    inputs = [
        ctypes.c_void_p if isinstance(one.type, ArrayType) else SCALARS[one.type.element] for one in signature.inputs
    ]
    return [*inputs, ctypes.c_int64] if signature.threaded else inputs


def shared_types(signature: Signature) -> list[type[Any]]:
    """The C types of all that the threads of a call have in common; the barrier, if there is one, is the last."""
    memories = (signature.arena, signature.profiled, signature.threaded)
    results = len(signature.results) - len(signature.holders)
    arrays = len(signature.parameters) + results + sum(memories)
    return [*input_types(signature), *[ctypes.c_void_p] * arrays]


def thread_entry_code(signature: Signature) -> str:
    """LLVM IR of the function that the threads of a team call; empty if the function is not for teams."""
    if not signature.threaded:
        return ""
    return thread_entry(signature.thread_symbol, signature.symbols[0], shared_types(signature))


def loaded_symbols(signature: Signature) -> tuple[str, ...]:
    """The names of all that is called from Python."""
    return (*signature.symbols, signature.thread_symbol) if signature.threaded else signature.symbols
