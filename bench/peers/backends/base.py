"""What a backend does."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from bench.peers.inputs import Arrays
from bench.peers.workload import Workload


class Backend(ABC):
    """One runtime, in a process of its own. Importing its module imports the runtime, which is not timed."""

    def __init__(self, threads: int):
        self.threads = threads

    has_experts: ClassVar[bool] = False
    """Whether it has a program for mixtures of experts."""

    def reason_against(self, workload: Workload) -> str:
        """Why the workload is not run; empty if it is."""
        if workload.kind == "experts" and not self.has_experts:
            return "no program for experts"
        return self.unsupported(workload)

    def unsupported(self, workload: Workload) -> str:
        """Why the workload cannot be run, or makes no difference to another backend; empty if it can."""
        return ""

    @abstractmethod
    def prepare(self, workload: Workload, arrays: Arrays) -> None:
        """Everything that is done once: building, compiling, rearranging the weights."""

    @abstractmethod
    def run(self) -> None:
        """One call, from inputs at hand to results at hand."""

    @abstractmethod
    def outputs(self) -> Arrays:
        """The results of the last call: `y`, and for a decode step the rows `k_new` and `v_new`."""
