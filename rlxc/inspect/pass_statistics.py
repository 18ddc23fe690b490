"""What each pass of a run did, in numbers: operations before and after, candidates fused and missed, seconds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from rlxc.inspect.pipeline_run import PassTime
from rlxc.passes.remarks import Remark


@dataclass(frozen=True)
class PassCounts:
    """What one pass did."""

    name: str
    operations_before: int
    operations_after: int
    fused: int
    missed: int


@dataclass
class PassStatistics:
    """A PipelineObserver that counts operations, and the remarks that are added to `remarks` meanwhile."""

    remarks: Sequence[Remark]
    passes: list[PassCounts] = field(default_factory=list[PassCounts], init=False)
    _operations: int = field(default=0, init=False)
    _remarks_seen: int = field(default=0, init=False)

    def __call__(self, done: ModulePass | None, module: ModuleOp, todo: ModulePass | None) -> None:
        """See PipelineObserver."""
        operations = sum(1 for op in module.walk() if op is not module)
        new = [remark.kind for remark in self.remarks[self._remarks_seen :]]
        if done is not None:
            counts = PassCounts(done.name, self._operations, operations, new.count("fused"), new.count("missed"))
            self.passes.append(counts)
        self._operations = operations
        self._remarks_seen = len(self.remarks)


def statistics_table(passes: Iterable[PassCounts]) -> str:
    """The counts as text, a line a pass."""
    head = f"{'operations':>16}  {'fused':>6}  {'missed':>6}  pass"
    lines = [
        f"{one.operations_before:>6} -> {one.operations_after:>6}  {one.fused:>6}  {one.missed:>6}  {one.name}"
        for one in passes
    ]
    return "\n".join([head, *lines]) + "\n"


def timing_table(times: Sequence[PassTime]) -> str:
    """The seconds as text, a line a pass, and their sum."""
    total = sum(one.seconds for one in times)
    lines = [f"{one.seconds:10.4f}  {one.seconds / (total or 1):6.1%}  {one.name}" for one in times]
    return "\n".join([f"{'seconds':>10}  {'share':>6}  pass", *lines, f"{total:10.4f}  {1:6.1%}  total"]) + "\n"
