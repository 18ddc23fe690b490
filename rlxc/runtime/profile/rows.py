"""From the times that threads have noted to the time of each operation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rlxc.native.roofline import Roofline
from rlxc.runtime.profile.numbered import NumberedProgram
from rlxc.runtime.profile.sizes import CallSizes
from rlxc.runtime.profile.work import Work, work_of


@dataclass(frozen=True)
class Part:
    """What a thread does between two times: its share of some operations, by their numbers, or wait for the others."""

    operations: frozenset[int]
    waits: bool


@dataclass(frozen=True)
class Call:
    """The times of one call, in nanoseconds from its start: `[threads, 1 + parts]`, and when it returned."""

    parts: tuple[Part, ...]
    times: NDArray[np.int64]
    nanoseconds: int

    @property
    def durations(self) -> NDArray[np.int64]:
        """How long each thread took for each part."""
        return np.diff(self.times, axis=1)


@dataclass(frozen=True)
class OperationText:
    """An operation as it is printed, and its place in the source."""

    text: str
    place: str

    @property
    def head(self) -> str:
        """`%q = rlx.matmul`."""
        result, _, rest = self.text.partition(" = ")
        return f"{result} = {rest.split(' ', 1)[0]}"


@dataclass(frozen=True)
class Row:
    """Operations that run as one: a projection, an attention, or a loop over rows.

    `seconds` is the mean of the threads, and includes what they wait for each other afterwards, so that all
    rows together are the time in which the threads run.
    """

    operations: tuple[OperationText, ...]
    parts: frozenset[int]
    seconds: float
    waiting_seconds: float
    work: Work
    least_seconds: float
    """The time that the roofline allows. It counts all bytes as if they came from memory: what is still in
    a cache can be read faster."""

    @property
    def gflops_per_second(self) -> float:
        return self.work.flops / self.seconds / 1e9 if self.seconds else 0.0

    @property
    def gbytes_per_second(self) -> float:
        return self.work.bytes_moved / self.seconds / 1e9 if self.seconds else 0.0

    @property
    def share_of_roofline(self) -> float:
        return self.least_seconds / self.seconds if self.seconds else 0.0


def rows_of(program: NumberedProgram, call: Call, sizes: CallSizes, limits: Roofline) -> tuple[Row, ...]:
    """The rows of a call, in the order of the program."""
    seconds = call.durations.mean(axis=0) * 1e-9
    waits = np.array([part.waits for part in call.parts], bool)
    rows: list[Row] = []
    for group in part_groups(call.parts):
        own = np.array(sorted(group))
        numbers = sorted({number for index in group for number in call.parts[index].operations})
        work = work_of([program.operations[number] for number in numbers], sizes)
        rows.append(
            Row(
                tuple(OperationText(program.texts[number], program.places[number]) for number in numbers),
                frozenset(group),
                float(seconds[own].sum()),
                float(seconds[own][waits[own]].sum()),
                work,
                limits.seconds(work.flops, work.bytes_moved),
            )
        )
    return tuple(rows)


def part_groups(parts: Sequence[Part]) -> list[set[int]]:
    """The parts, by their places, that belong to one row: those that share an operation, and the waits behind them."""
    groups: list[set[int]] = []
    operations: list[frozenset[int]] = []
    current: set[int] = set()
    for index, part in enumerate(parts):
        if part.waits:
            current.add(index)
            continue
        current, found = {index}, part.operations
        for other in [other for other, known in enumerate(operations) if known & part.operations][::-1]:
            current |= groups.pop(other)
            found |= operations.pop(other)
        groups.append(current)
        operations.append(found)
    return sorted(groups, key=min)
