"""Threads that take turns, and whose accesses to memory are noted: what two of them might do at the same time.

Between two barriers a thread may not write what another one reads or writes. Whether one does does not depend on when
they run, so they run one after the other: the first up to its first barrier, the second up to its first barrier, ...
"""

from __future__ import annotations

import ctypes
import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import permutations
from typing import Any

import numpy as np
from xdsl.dialects.builtin import ModuleOp

from rlxc.native import DefaultToolchain, read_signature
from rlxc.native.abi import MemRef
from rlxc.native.library import Library
from rlxc.native.signature import BARRIER_WORDS
from threaded_functions import Argument, run_together

NOTE = ctypes.CFUNCTYPE(None, ctypes.c_int64, ctypes.c_int64, ctypes.c_int64, ctypes.c_int64)
MEET = ctypes.CFUNCTYPE(None)

BARRIER = re.compile(r"(define [^\n]*@rlxc_barrier\([^\n]*\n).*?\n}\n", re.DOTALL)
"""The function of the barrier in LLVM IR."""

TOUCHES_MEMORY = re.compile(r" = load |^ *store |@llvm\.masked|atomicrmw|cmpxchg|@llvm\.mem(cpy|move|set)")
LOAD = re.compile(r" = load (?P<type>.+?), ptr (?P<place>[%@][\w.$]+)")
STORE = re.compile(r"^ *store (?P<type><[^>]+>|\{[^}]+\}|\w+) .+, ptr (?P<place>[%@][\w.$]+), align")
MASKED = re.compile(
    r"@llvm\.masked\.(?P<what>load|store)\S+\(.*?ptr (align \d+ )?(?P<place>%[\w.$]+), "
    r"<(?P<lanes>\d+) x i1> (?P<mask>%[\w.$]+|<[^>]+>)"
)


@dataclass
class Accesses:
    """The bytes that a thread has read and written between two barriers, with the function that did it last."""

    read: dict[int, str] = field(default_factory=dict[int, str])
    written: dict[int, str] = field(default_factory=dict[int, str])


class Turns:
    """Threads of which one runs at a time, in their order."""

    def __init__(self, num_threads: int):
        self._threads = list(range(num_threads))
        self._running = 0
        self._changed = threading.Condition()

    def wait(self, thread: int) -> None:
        """Wait for the turn of a thread."""
        with self._changed:
            self._changed.wait_for(lambda: self._running == thread)

    def pass_on(self, thread: int, *, for_good: bool = False) -> None:
        """Let the next thread run."""
        with self._changed:
            place = self._threads.index(thread)
            self._running = self._threads[(place + 1) % len(self._threads)]
            if for_good:
                del self._threads[place]
            self._changed.notify_all()


class ObservedFunction:
    """The entry function of a module at the kernels level, compiled so that it tells what it reads and writes."""

    def __init__(self, module: ModuleOp):
        self._sites: list[str] = []
        """The functions that the noted instructions stand in."""
        self._current = threading.local()
        self.phases: list[list[Accesses]] = []
        """For each thread of the last run, the accesses before each barrier, and behind the last one."""
        # The code holds the addresses of these, so they have to live as long as it.
        self._callbacks = NOTE(self._note), MEET(self._meet)
        toolchain = DefaultToolchain(optimization_level=0)
        self._symbol = read_signature(module).symbols[0]
        object_code = toolchain.compile_object(self._observed(toolchain.lower(str(module))))
        self._library = Library([object_code], [self._symbol])

    def run(self, arguments: Sequence[Argument], num_threads: int, *, ignored: int | None = None) -> None:
        """Call the function; `arguments` come before the number of the thread. One barrier may be ignored."""
        self._ignored, self._meetings = ignored, [0] * num_threads
        self.phases = [[Accesses()] for _ in range(num_threads)]
        self._turns = Turns(num_threads)
        run_together([partial(self._run, arguments, thread) for thread in range(num_threads)])

    @property
    def races(self) -> list[str]:
        """What threads did in the last run that they may not do at the same time."""
        return sorted(set(self._races()))

    @property
    def barriers(self) -> int:
        """How often the threads met."""
        (times,) = set(self._meetings)
        return times

    @property
    def bytes_written(self) -> int:
        """How many bytes the threads have written."""
        return sum(len(phase.written) for phases in self.phases for phase in phases)

    def _races(self) -> Iterator[str]:
        for number, phases in enumerate(zip(*self.phases, strict=True)):
            for one, other in permutations(phases, 2):
                for kind, places in (("read", other.read), ("written", other.written)):
                    for place in one.written.keys() & places.keys():
                        yield f"phase {number}: written by {one.written[place]}, {kind} by {places[place]}"

    def _run(self, arguments: Sequence[Argument], thread: int) -> None:
        barrier = np.zeros(BARRIER_WORDS, np.int64)
        passed = [MemRef(each) if isinstance(each, np.ndarray) else each for each in (*arguments, thread, barrier)]
        kinds = [ctypes.c_void_p if isinstance(each, MemRef) else ctypes.c_int64 for each in passed]
        function = self._library.function(self._symbol, None, *kinds)
        self._current.thread = thread
        self._turns.wait(thread)
        function(*(each.pointer if isinstance(each, MemRef) else each for each in passed))
        self._turns.pass_on(thread, for_good=True)

    def _meet(self) -> None:
        thread: int = self._current.thread
        self._meetings[thread] += 1
        if self._meetings[thread] - 1 != self._ignored:
            self._turns.pass_on(thread)
            self._turns.wait(thread)
            self.phases[thread].append(Accesses())

    def _note(self, place: int, size: int, writes: int, site: int) -> None:
        thread: int = self._current.thread
        accesses = self.phases[thread][-1]
        kind = accesses.written if writes else accesses.read
        kind.update(dict.fromkeys(range(place, place + size), self._sites[site]))

    def _observed(self, llvm_ir: str) -> str:
        """The code with a call before each instruction that touches memory, and another barrier."""
        meet = f"  call void {address_of(self._callbacks[1])}()\n  ret void\n"
        llvm_ir, count = BARRIER.subn(rf"\1{meet}}}\n", llvm_ir)
        assert count == 1
        lines: list[str] = []
        for line in llvm_ir.splitlines():
            if line.startswith("define"):
                self._sites.append(line.partition("@")[2].partition("(")[0])
            elif TOUCHES_MEMORY.search(line) and not line.startswith("declare"):
                lines += self._noting(line, len(lines))
            lines.append(line)
        return "\n".join(lines)

    def _noting(self, line: str, number: int) -> Iterator[str]:
        """Calls of `_note`: one, or one for each element of a vector of which not all may be accessed."""
        if match := MASKED.search(line):
            sizes: list[str] = []
            for lane in range(int(match["lanes"])):
                yield f"  %lane.{number}.{lane} = extractelement <{match['lanes']} x i1> {match['mask']}, i32 {lane}"
                yield f"  %size.{number}.{lane} = select i1 %lane.{number}.{lane}, i64 4, i64 0"
                sizes.append(f"%size.{number}.{lane}")
            yield from self._calls(match["place"], sizes, match["what"] == "store", number)
            return
        match = LOAD.search(line) or STORE.search(line)
        assert match, f"what does this access? {line}"
        size = f"ptrtoint (ptr getelementptr ({match['type']}, ptr null, i32 1) to i64)"
        yield from self._calls(match["place"], [size], " = load " not in line, number)

    def _calls(self, place: str, sizes: Sequence[str], writes: bool, number: int) -> Iterator[str]:
        note, site = address_of(self._callbacks[0]), len(self._sites) - 1
        yield f"  %place.{number} = ptrtoint ptr {place} to i64"
        for lane, size in enumerate(sizes):
            yield f"  %place.{number}.{lane} = add i64 %place.{number}, {4 * lane}"
            yield f"  call void {note}(i64 %place.{number}.{lane}, i64 {size}, i64 {int(writes)}, i64 {site})"


def address_of(callback: Any) -> str:
    """A callback as a constant in LLVM IR."""
    return f"inttoptr (i64 {ctypes.cast(callback, ctypes.c_void_p).value} to ptr)"
