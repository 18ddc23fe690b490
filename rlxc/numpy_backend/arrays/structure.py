"""What a `linalg.generic` computes: which loops index which operand, and what its body does with the elements."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from xdsl.dialects import arith, tensor
from xdsl.dialects.linalg import ops as linalg
from xdsl.dialects.linalg.attrs import IteratorType
from xdsl.ir import Block, BlockArgument, Operation, SSAValue
from xdsl.ir.affine import AffineConstantExpr, AffineDimExpr, AffineMap

from rlxc.numpy_backend.arrays.combiners import COMBINERS
from rlxc.numpy_backend.errors import unsupported


@dataclass(frozen=True)
class Operand:
    """A tensor as a generic reads or writes it: its element in the body, and the loop of each axis.

    The loop is None for an axis of size 1 that is indexed by the constant 0.
    """

    value: SSAValue
    element: BlockArgument
    axes: tuple[int | None, ...]

    @property
    def loops(self) -> tuple[int, ...]:
        """The loops that index it, in the order of its axes."""
        return tuple(loop for loop in self.axes if loop is not None)


@dataclass(frozen=True)
class Structure:
    """The operands, the loops and the body of a generic with one result."""

    op: linalg.GenericOp
    inputs: tuple[Operand, ...]
    output: Operand

    @staticmethod
    def of(op: linalg.GenericOp) -> Structure:
        """The structure of `op`; DiagnosticException if it is not one that can be printed."""
        if len(op.outputs) != 1 or len(op.results) != 1:
            unsupported(op, "it needs exactly one result tensor")
        maps = [attribute.data for attribute in op.indexing_maps]
        values, elements = (*op.inputs, *op.outputs), op.body.block.args
        operands = [
            Operand(value, element, _axes(op, map_))
            for value, element, map_ in zip(values, elements, maps, strict=True)
        ]
        structure = Structure(op, tuple(operands[:-1]), operands[-1])
        structure.require_plain_output()
        return structure

    @property
    def body(self) -> Block:
        return self.op.body.block

    @cached_property
    def root(self) -> SSAValue:
        """The element of the result."""
        return self.body.ops.last.operands[0] if self.body.ops.last else unsupported(self.op, "its body is empty")

    @cached_property
    def reductions(self) -> tuple[int, ...]:
        """The loops that the result is summed over, or combined over in another way."""
        iterators = enumerate(self.op.iterator_types)
        return tuple(loop for loop, iterator in iterators if iterator.data == IteratorType.REDUCTION)

    @cached_property
    def order(self) -> tuple[int, ...]:
        """The order of the axes in which elements are computed: that of the result.

        Reduction loops stand where the input with most axes has them, if that agrees with the
        order of the result, else last.
        """
        widest = max(self.inputs, key=lambda operand: len(operand.loops), default=self.output).loops
        result = self.output.loops
        if not self.reductions:
            return result
        if tuple(loop for loop in widest if loop not in self.reductions) == result:
            return (*widest, *(loop for loop in self.reductions if loop not in widest))
        return (*result, *self.reductions)

    @cached_property
    def combiner(self) -> tuple[Operation, SSAValue]:
        """Of a reduction: the operation that takes in the next term, and the term."""
        accumulator, op = self.output.element, self.root.owner
        if not isinstance(op, Operation) or type(op) not in COMBINERS or accumulator not in op.operands:
            unsupported(self.op, "its body does not combine the accumulator with a term by +, *, max, min, and, or")
        term = op.operands[1 - op.operands.index(accumulator)]
        if len(list(accumulator.uses)) != 1:
            unsupported(self.op, "its body uses the accumulator more than once")
        return op, term

    @property
    def is_contraction(self) -> bool:
        """Whether it sums the products of the elements of two inputs."""
        if not self.reductions or len(self.inputs) != 2 or not isinstance(self.root.owner, arith.AddfOp):
            return False
        product = self.combiner[1].owner
        elements = {operand.element for operand in self.inputs}
        return isinstance(product, arith.MulfOp) and set(product.operands) == elements

    @property
    def viewed(self) -> SSAValue | None:
        """The tensor of which the result may be a view: its elements are the result, picked by the loops alone."""
        operand, op = self.operand_of(self.root), self.root.owner
        if operand is not None:
            return operand.value
        return op.tensor if isinstance(op, tensor.ExtractOp) and not self._reads_elements(self.root) else None

    @property
    def is_broadcast(self) -> bool:
        """Whether the result is the same along some of its axes, and so an array that must not be written."""
        loops = self._loops_of(self.root)
        return not self.reductions and loops != set() and not set(self.output.loops) <= loops

    def operand_of(self, element: SSAValue) -> Operand | None:
        """The operand whose elements a value of the body is, if it is one."""
        return next((operand for operand in (*self.inputs, self.output) if operand.element is element), None)

    def _reads_elements(self, value: SSAValue) -> bool:
        """Whether a value of the body depends on the elements of an operand."""
        if isinstance(value, BlockArgument):
            return value.block is self.body
        owner = value.owner
        return (
            isinstance(owner, Operation)
            and owner.parent is self.body
            and any(map(self._reads_elements, owner.operands))
        )

    def _loops_of(self, value: SSAValue) -> set[int]:
        """The loops that a value of the body depends on."""
        operand = self.operand_of(value)
        if operand is not None:
            return set(operand.loops)
        match value.owner:
            case linalg.IndexOp() as op:
                return {op.dim.value.data}
            case Operation() as op if op.parent is self.body:
                return set[int]().union(*map(self._loops_of, op.operands))
            case _:
                return set()

    def require_plain_output(self) -> None:
        """Raise unless each parallel loop, and no other, indexes one axis of the result."""
        parallel = set(range(len(self.op.iterator_types))) - set(self.reductions)
        if sorted(self.output.loops) != sorted(parallel) or None in self.output.axes:
            unsupported(self.op, "its result is not indexed by each parallel loop once")


def _axes(op: linalg.GenericOp, map_: AffineMap) -> tuple[int | None, ...]:
    axes: list[int | None] = []
    for expression in map_.results:
        match expression:
            case AffineDimExpr(position=loop) if loop not in axes:
                axes.append(loop)
            case AffineConstantExpr(value=0):
                axes.append(None)
            case _:
                unsupported(op, f"the index {expression} is neither a loop of its own nor 0")
    return tuple(axes)
