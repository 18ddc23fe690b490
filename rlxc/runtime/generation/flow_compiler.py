"""Compiling the flows of one model."""

from __future__ import annotations

from dataclasses import dataclass, field

from rlxc.flow import ModelFlow
from rlxc.native.collection import collection_paused
from rlxc.runtime.compile import Target, compile_program
from rlxc.runtime.compiled import CompiledFunction
from rlxc.runtime.generation.late_weights import late_program
from rlxc.runtime.shared_weights import SharedWeights
from rlxc.weights import WeightSource


@dataclass(frozen=True)
class FlowCompiler:
    """Compiles flows for one target. Native programs share their packed weights."""

    weights: WeightSource
    target: Target
    threads: int | None
    shared: SharedWeights = field(default_factory=SharedWeights)

    def compiled(self, flow: ModelFlow) -> CompiledFunction:
        """The function of a flow."""
        # xDSL builds programs in one thread at a time, and native code is lowered in such a block.
        with collection_paused():
            program = late_program(flow, self.weights)
        return compile_program(program, self.target, threads=self.threads, shared=self.shared)
