"""Teams of threads that live as long as the process and share one call at a time."""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from rlxc.diagnostics import RlxcError
from rlxc.native.abi import MemRef
from rlxc.native.calls.reader_code import READ, READER_CODE
from rlxc.native.codegen import host_target
from rlxc.native.compile_process import compile_apart
from rlxc.native.fingerprint import fingerprint
from rlxc.native.library import Code, Library
from rlxc.native.object_cache import cached
from rlxc.native.signature import BARRIER_WORDS
from rlxc.native.threads.team_code import CONDITION, MUTEX, NUM_THREADS, RECORD, RUN, TEAM_CODE, WORK
from rlxc.native.toolchain import installed_version


class Team:
    """`num_threads` threads: the caller, and others that wait in the native code `code`.

    Calls from several Python threads take turns. A call is one step for Python: an interrupt
    (Ctrl-C) is raised when it is done, so that no thread is left alone at a barrier.
    """

    def __init__(self, num_threads: int, code: Code):
        self.num_threads = num_threads
        self._code = code
        self.barrier = MemRef(np.zeros(BARRIER_WORDS, np.int64))
        """The barrier of the functions that this team runs, for one call after the other."""
        self._turn = threading.Lock()
        self._memory = team_memory(num_threads)
        self._address = self._memory.ctypes.data
        self._run = code.function(RUN, None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
        for thread in range(1, num_threads):
            self._start(thread)

    def run(self, function: int, arguments: int) -> None:
        """Call the native `void function(arguments, thread)` on all threads; returns when all are done.

        Both are addresses.
        """
        with self._turn:
            self._run(self._address, function, arguments)

    def _start(self, thread: int) -> None:
        # The running call keeps the code and, by `work`, the memory alive while the thread runs.
        work = self._code.function(WORK, None, ctypes.c_void_p, ctypes.c_int64)
        work.team = self
        name = f"rlxc-{self.num_threads}-{thread}"
        worker = threading.Thread(target=work, args=(self._address, thread), name=name, daemon=True)
        try:
            worker.start()
        except RuntimeError as error:
            raise RlxcError(
                f"cannot start thread {thread} of {self.num_threads}: {error}", hint="use fewer threads"
            ) from error


def team_memory(num_threads: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """The records of a team, aligned to cache lines."""
    memory = np.zeros((num_threads + 1) * RECORD, np.uint8)
    start = -memory.ctypes.data % 64
    records = memory[start : start + num_threads * RECORD]
    records[NUM_THREADS : NUM_THREADS + 8].view(np.int64)[0] = num_threads
    system = ctypes.CDLL(None)
    for thread in range(1, num_threads):
        record = records.ctypes.data + thread * RECORD
        system.pthread_mutex_init(ctypes.c_void_p(record + MUTEX), None)
        system.pthread_cond_init(ctypes.c_void_p(record + CONDITION), None)
    return records


_loading = threading.Lock()


def team_library() -> Library:
    """The native code of all teams, and of what reads the arrays of calls. Threads that ask first get the same one."""
    with _loading:
        return _library()


@cache
def _library() -> Library:
    return Library([team_object()], (RUN, WORK, READ))


def team_object() -> bytes:
    """Its object code, from the cache of this user if it is there, else from another process.

    LLVM's code generator need not be in the memory of this one.
    """
    target = host_target()
    parts = ("team", fingerprint(), installed_version("llvmlite"), target.triple, target.cpu, target.features)
    return cached(parts, lambda: compile_apart(TEAM_CODE + READER_CODE, target, (RUN, WORK, READ)))


class Teams:
    """The teams of this process by their number of threads."""

    def __init__(self) -> None:
        self._teams: dict[int, Team] = {}
        self._lock = threading.Lock()

    def of(self, num_threads: int, code: Callable[[], Code]) -> Team:
        """See `team_of`."""
        if (team := self._teams.get(num_threads)) is not None:
            return team
        with self._lock:
            if num_threads not in self._teams:
                self._teams[num_threads] = Team(num_threads, code())
            return self._teams[num_threads]


teams = Teams()


def team_of(num_threads: int, code: Callable[[], Code] = team_library) -> Team:
    """The team of so many threads, which is made when it is first asked for, and then runs `code`."""
    return teams.of(num_threads, code)


def forget_teams() -> None:
    """Start afresh in a child process: of the threads of its parent, it has only the one that forked."""
    global teams, _loading
    teams, _loading = Teams(), threading.Lock()


os.register_at_fork(after_in_child=forget_teams)
