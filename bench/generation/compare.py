"""All backends in turns."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.generation.agreement import check
from bench.generation.contender import Contender, Turns
from bench.generation.task import Task, tasks
from bench.peers.contender import statistics_of
from bench.peers.machine import Machine
from bench.peers.rounds import Settings, take_turn


@dataclass(frozen=True)
class Work:
    """What all backends do."""

    model: Path
    prompt: Sequence[int]
    new: int
    """How many tokens are chosen after the prompt."""
    starts: int
    """How many processes of each are started with empty caches, and how many with filled ones."""


def compare(work: Work, pythons: Mapping[str, str], machine: Machine, settings: Settings) -> dict[str, Any]:
    """The reports of all backends, and of each task."""
    with tempfile.TemporaryDirectory(prefix="generation-") as directory:
        contenders = [
            Contender(name, python, work.model, machine.threads, Path(directory), work.prompt, work.new)
            for name, python in pythons.items()
        ]
        for number in range(work.starts):
            for contender in rotated(contenders, number):
                contender.start(cold=True, ahead=settings.ahead)
                contender.start(cold=False, ahead=settings.ahead)
                announce(f"{contender.name}: start {number + 1} of {work.starts}")
        check(contenders, work.new)
        timed = {
            task.kind: measure(task, contenders, machine, settings) for task in tasks(work.model, len(work.prompt))
        }
        for contender in contenders:
            contender.finish()
    return {"backends": {one.name: one.report for one in contenders}, "tasks": timed}


def rotated(contenders: Sequence[Contender], number: int) -> list[Contender]:
    """Those that are left, another first each time."""
    running = [one for one in contenders if one.report["status"] == "ok"]
    turn = number % max(1, len(running))
    return [*running[turn:], *running[:turn]]


def measure(task: Task, contenders: Sequence[Contender], machine: Machine, settings: Settings) -> dict[str, Any]:
    """Backend -> the times of one task, and the least that the machine allows."""
    machine.measure_anew()
    turns = {one.name: Turns(one, task) for one in contenders}
    for number in range(settings.rounds):
        for contender in rotated(contenders, number):
            take_turn(turns[contender.name], machine, settings)
        announce(f"{task.kind}: round {number + 1} of {settings.rounds}")
    seconds, limit = machine.roof(task)
    return {
        "tokens": task.tokens,
        "flops": task.flops,
        "bytes": task.bytes,
        "limits": machine.limits(),
        "roof_ms": 1e3 * seconds,
        "limit": limit,
        "backends": {name: statistics_of(one.bursts) for name, one in turns.items() if one.bursts},
    }


def announce(text: str) -> None:
    """Say how far the comparison is."""
    print(text, file=sys.stderr, flush=True)
