"""The loop nest of a structured operation."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects.builtin import MemRefType
from xdsl.dialects.linalg.abstract_ops import LinalgStructuredOperation
from xdsl.dialects.linalg.attrs import IteratorTypeAttr
from xdsl.ir import SSAValue

from rlxc.passes.lowering.to_loops.body import copy_body
from rlxc.passes.lowering.to_loops.bounds import Bound
from rlxc.passes.lowering.to_loops.style import LoopStyle, Values


class LoopNest:
    """Loops in the order of the iterators of an operation with one output.

    An input is loaded in the innermost loop that its indices depend on. If the innermost loops are all
    reductions, what they accumulate is carried by the loops, else it is updated in memory.
    """

    def __init__(self, op: LinalgStructuredOperation, bounds: Sequence[Bound], style: LoopStyle):
        self.op, self.bounds, self.style = op, bounds, style
        self.maps = [indexing.data for indexing in op.get_indexing_maps()]
        self.first_reduction = start_of_last_reductions(op)
        self.elements: dict[SSAValue, SSAValue] = {}
        """What stands for the arguments of the body so far."""

    def build(self, indices: Values = ()) -> None:
        """Create the loops inside those whose `indices` are given."""
        depth = len(indices)
        self._load_inputs(indices)
        if depth < self.first_reduction:
            self.style.loop(self.bounds[depth], (), _name(depth), lambda index, _: self._inside((*indices, index)))
            return
        (result,) = self._reduce(indices, self._load_output(indices))
        self.style.store(result, self.op.outputs[0], self.maps[-1], indices)

    def build_inside(self, indices: Values) -> None:
        """Create the loops inside loops that somebody else has made, whose indices are given."""
        for depth in range(len(indices)):
            self._load_inputs(indices[:depth])
        self.build(indices)

    def _inside(self, indices: Values) -> Values:
        self.build(indices)
        return ()

    def _reduce(self, indices: Values, accumulator: Values) -> Values:
        """The element of the output after all iterations of the innermost loops, which are reductions."""
        depth = len(indices)
        if depth == len(self.bounds):
            return [self._compute(indices, accumulator)]

        def iteration(index: SSAValue, carried: Values) -> Values:
            self._load_inputs((*indices, index))
            return self._reduce((*indices, index), carried)

        return self.style.loop(self.bounds[depth], accumulator, _name(depth), iteration)

    def _load_inputs(self, indices: Values) -> None:
        """Load the inputs that depend on the last of the given indices, or on none if none is given."""
        for number, operand in enumerate(self.op.inputs):
            used = self.maps[number].used_dims()
            if max(used, default=-1) + 1 == len(indices):
                is_array = isinstance(operand.type, MemRefType)
                self.elements[self._arguments[number]] = self._load(number, indices) if is_array else operand

    def _load_output(self, indices: Values) -> Values:
        """The element of the output before, unless nobody asks for it."""
        is_reduction = self.first_reduction < len(self.bounds)
        return [self._load(-1, indices)] if is_reduction or self._arguments[-1].first_use is not None else []

    def _load(self, number: int, indices: Values) -> SSAValue:
        """The element of an operand at the given indices, on which it depends alone."""
        element = self.style.load(self.op.operands[number], self.maps[number], indices)
        element.name_hint = self._arguments[number].name_hint
        return element

    def _compute(self, indices: Values, accumulator: Values) -> SSAValue:
        """The body of the operation in the innermost loop."""
        if accumulator:
            self.elements[self._arguments[-1]] = accumulator[0]
        return copy_body(self.op, self.elements, indices, reorder=self.first_reduction < len(self.bounds))

    @property
    def _arguments(self) -> Sequence[SSAValue]:
        return self.op.body.block.args


def _name(depth: int) -> str:
    return chr(ord("i") + depth) if depth < 10 else f"i{depth}"


def start_of_last_reductions(op: LinalgStructuredOperation) -> int:
    """The first of the innermost loops that are all reductions; the number of loops if the innermost is none."""
    kinds = op.get_iterator_types().data
    start = len(kinds)
    while start > 0 and kinds[start - 1] == IteratorTypeAttr.reduction():
        start -= 1
    return start
