"""A backend at work on a model, as the bench sees it."""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.generation.files import written
from bench.generation.task import Task
from bench.peers.contender import VARIABLES, Burst
from bench.peers.process import PeerError, Process

START = 8
"""How many tokens the prompt has that a new process reads first."""


@dataclass
class Contender:
    """One process after the other, and what is reported of them."""

    name: str
    python: str
    model: Path
    threads: int
    directory: Path
    """Where its caches are, the copies of the model that several backends read, and logits."""
    prompt: Sequence[int]
    new: int
    """How many tokens are chosen after the prompt."""
    report: dict[str, Any] = field(
        default_factory=lambda: {"status": "ok", "cold_s": [], "cached_s": [], "import_s": []}
    )
    process: Process | None = None

    def start(self, *, cold: bool, ahead: bool) -> None:
        """A new process, up to its first token; `cold`: with empty caches, `ahead`: before other sessions."""
        if self.report["status"] != "ok":
            return
        self.close()
        caches = self.directory / self.name
        if cold:
            shutil.rmtree(caches, ignore_errors=True)
        self.process = Process(
            self.python, "bench.generation.worker", [self.name, str(self.threads)], self._environment(caches)
        )
        try:
            loaded = self.process.ask("load")
            path = written(self.model, loaded["form"], self.directory)
            context = len(self.prompt) + self.new + 1
            started = self.process.ask("start", path=str(path), ids=self.prompt[:START], context=context, ahead=ahead)
        except (PeerError, ValueError) as error:
            self.stop("failed" if isinstance(error, PeerError) else "skipped", str(error))
            return
        self.report["import_s"].append(loaded["import_s"])
        self.report["cold_s" if cold else "cached_s"].append(started["start_s"])

    def read(self, ids: Sequence[int], count: int) -> tuple[NDArray[Any], list[int]]:
        """The logits after the ids, and the ids that follow."""
        assert self.process is not None
        path = self.directory / f"{self.name}.npy"
        found = self.process.ask("read", ids=list(ids), count=count, path=str(path))
        return np.load(path), found["ids"]

    def finish(self) -> None:
        """Note the memory, and the medians of what was measured once in a process."""
        if self.process is None:
            return
        self.report |= self.process.ask("finish")
        for name in ("cold_s", "cached_s", "import_s"):
            self.report[f"{name}_all"] = self.report[name]
            self.report[name] = statistics.median(self.report[name])
        self.close()

    def stop(self, status: str, reason: str) -> None:
        """Give up."""
        self.report = {"status": status, "reason": reason}
        self.close()

    def close(self) -> None:
        """End the process."""
        if self.process is not None:
            self.process.close()
        self.process = None

    def _environment(self, caches: Path) -> dict[str, str]:
        return {**dict.fromkeys(VARIABLES, str(self.threads)), "RLXC_CACHE_DIR": str(caches)}


@dataclass
class Turns:
    """A contender at one task: what `bench.peers.rounds` times."""

    contender: Contender
    workload: Task
    bursts: list[Burst] = field(default_factory=list)

    def burst(self, seconds: float, ahead: bool) -> Burst | None:
        """Some runs; None if they failed."""
        contender = self.contender
        if contender.process is None:
            return None
        options: dict[str, Any] = {"seconds": seconds, "ahead": ahead, "ids": list(contender.prompt)}
        if self.workload.kind == "decode":
            options["count"] = contender.new
        try:
            return contender.process.ask(self.workload.kind, **options)
        except PeerError as error:
            contender.stop("failed", str(error))
            return None
