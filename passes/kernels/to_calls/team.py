"""The threads that run a function together, as the arguments of the function."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.dialects.func import FuncOp
from xdsl.ir import SSAValue
from xdsl.utils.exceptions import PassFailedException

from rlxc.passes.attribute_names import BARRIER, NUM_THREADS, THREAD
from rlxc.passes.lowering.functions import argument_attributes


@dataclass(frozen=True)
class Team:
    """Which thread this is, of how many, and the memory of their barrier."""

    thread: SSAValue
    num_threads: SSAValue
    barrier: SSAValue

    @staticmethod
    def of(function: FuncOp) -> Team:
        """The team of a function. Raises PassFailedException if it has none."""
        found = {name: argument for argument in function.args for name in argument_attributes(argument)}
        if not {THREAD, NUM_THREADS, BARRIER} <= found.keys():
            raise PassFailedException(
                f"@{function.sym_name.data} has no arguments for its threads: run rlx-share-work before this pass"
            )
        return Team(found[THREAD], found[NUM_THREADS], found[BARRIER])

    @property
    def arguments(self) -> tuple[SSAValue, SSAValue, SSAValue]:
        """What every kernel function takes last."""
        return self.thread, self.num_threads, self.barrier
