"""How much work operations do together, so that it can be compared with what the machine can do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xdsl.ir import Operation, SSAValue

from rlxc.inspect.cost import VIEWS, byte_size, flops
from rlxc.runtime.profile.sizes import CallSizes


@dataclass(frozen=True)
class Work:
    """FLOPs, and bytes read and written."""

    flops: int
    bytes_moved: int


def work_of(operations: Sequence[Operation], sizes: CallSizes) -> Work:
    """The work of operations that run as one.

    What one of them makes and no other operation reads is not moved. Each value is read and written once.
    """
    running = [op for op in operations if not isinstance(op, VIEWS)]
    made = {result for op in running for result in op.results}
    moved: dict[SSAValue, int] = {}
    for op in running:
        shapes = sizes.touched(op)
        for value in {*op.operands, *op.results}:
            if value not in made or any(use.operation not in running for use in value.uses):
                moved[value] = max(byte_size(value, shapes), moved.get(value, 0))
    return Work(sum(flops(op, sizes.touched(op)) for op in running), sum(moved.values()))
