"""Which arrays in the arena certainly lie in different places."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from xdsl.dialects import memref
from xdsl.dialects.func import FuncOp
from xdsl.dialects.linalg.abstract_ops import LinalgStructuredOperation
from xdsl.ir import Operation, SSAValue

from rlxc.dialects.kernel import KernelOperation
from rlxc.passes.kernels.row_loops.accesses import accesses_of


class Lives:
    """When the arrays of a function are read and written, in the order in which the operations stand.

    A place in the arena holds one array after the other, and equal views of it are one value. But two arrays that
    are needed at the same time lie in different places, and an array is certainly needed
    - by an operation that accesses it, and
    - at any time after which the next operation that accesses it reads it.
    """

    def __init__(self, function: FuncOp):
        self._times = {op: time for time, op in enumerate(function.body.walk())}
        self._reads: defaultdict[SSAValue, dict[int, bool]] = defaultdict(dict)
        for op, time in self._times.items():
            if isinstance(op, LinalgStructuredOperation | KernelOperation | memref.LoadOp):
                for access in accesses_of(op):
                    reads = self._reads[access.base]
                    reads[time] = access.reads or reads.get(time, False)

    def are_apart(self, a: SSAValue, b: SSAValue, ops: Iterable[Operation]) -> bool:
        """Whether two arrays are both needed at one of the operations, which stand side by side."""
        return any(self._is_needed(a, op) and self._is_needed(b, op) for op in ops)

    def _is_needed(self, array: SSAValue, op: Operation) -> bool:
        now, reads = self._times[op], self._reads[array]
        return now in reads or next((is_read for time, is_read in reads.items() if time > now), False)
