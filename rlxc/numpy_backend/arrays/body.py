"""The body of a generic as an expression on whole arrays, each part computed on as few axes as it depends on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from xdsl.dialects import arith, math, tensor
from xdsl.dialects.builtin import AnyFloat, FloatAttr, IndexType, IntegerAttr, IntegerType
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import Operation, SSAValue
from xdsl.utils.hints import isa

from rlxc.numpy_backend.arrays.alignment import Axes, aligned, in_order
from rlxc.numpy_backend.arrays.comparison import negated
from rlxc.numpy_backend.arrays.operations import element_code, erf_helper
from rlxc.numpy_backend.arrays.reduced import Reduced
from rlxc.numpy_backend.arrays.structure import Structure
from rlxc.numpy_backend.arrays.term import Term
from rlxc.numpy_backend.errors import unsupported
from rlxc.numpy_backend.scope import Scope
from rlxc.numpy_backend.sizes.size import Size
from rlxc.numpy_backend.text.expression import Code, call, integer, real, subscript


@dataclass(frozen=True)
class Elements:
    """A value of the body for all iterations at once: an array whose axes are some of the loops."""

    code: Code
    axes: Axes = ()
    is_number: bool = False
    counting: tuple[Size, Size] | None = None
    """First number and how many, if the elements are consecutive integers along one loop."""
    is_nonnegative: bool = False

    @property
    def loops(self) -> tuple[int, ...]:
        return tuple(loop for loop in self.axes if loop is not None)


@dataclass
class Body:
    """Translates the values in the body of one generic."""

    scope: Scope
    structure: Structure
    known: dict[SSAValue, Elements] = field(default_factory=dict[SSAValue, Elements])

    def elements(self, value: SSAValue) -> Elements:
        """The elements of a value; one that is used twice gets a name."""
        if value not in self.known:
            found = self._translate(value)
            self.known[value] = found
            if self._is_worth_a_name(value):
                self.name(value, "index" if isinstance(value.type, IndexType) else "part")
        return self.known[value]

    def code(self, value: SSAValue, loops: Sequence[int]) -> Code:
        """The elements of a value, to be used together with arrays that have these loops as axes."""
        return self.spread(self.elements(value), loops)

    def name(self, value: SSAValue, hint: str) -> None:
        """Give the elements of a value a name, by its own hint if it has one."""
        self.known[value] = self._named(value, self.elements(value), hint)

    def spread(self, elements: Elements, loops: Sequence[int]) -> Code:
        """The elements with axes of size 1 for the loops that they lack."""
        kept = elements.code.with_last_axis if isinstance(elements.code, Reduced) else None
        if kept is not None and elements.loops == tuple(loops[:-1]):
            return kept
        return aligned(elements.code, elements.axes, loops)

    def size_of_loop(self, loop: int) -> Size:
        """How many iterations a loop has."""
        for operand in (self.structure.output, *self.structure.inputs):
            if loop in operand.axes:
                return self.scope.axis(operand.value, operand.axes.index(loop))
        unsupported(self.structure.op, f"no operand shows the size of loop {loop}")

    def opposite(self, condition: SSAValue, loops: Sequence[int]) -> Code | None:
        """The negation of a comparison that nothing else uses, as one comparison."""
        if condition in self.known or not self._is_inside(condition) or not isinstance(condition.owner, arith.CmpiOp):
            return None
        return negated(condition, [Term(self.code(operand, loops)) for operand in condition.owner.operands])

    def _translate(self, value: SSAValue) -> Elements:
        operand = self.structure.operand_of(value)
        if operand is not None:
            code, axes = in_order(self.scope.code(operand.value), operand.axes, self.structure.order)
            return Elements(code, axes)
        if not self._is_inside(value):
            return Elements(self.scope.code(value), is_number=True, is_nonnegative=self.scope.is_nonnegative(value))
        match value.owner:
            case arith.ConstantOp(value=constant):
                return self._constant(value, constant)
            case linalg.IndexOp() as op:
                loop = op.dim.value.data
                return self._counting(loop, Size(0), self.size_of_loop(loop))
            case tensor.ExtractOp() as op:
                return self._gather(op)
            case Operation() as op:
                return self._shifted(op) or self._mean(op) or self._elementwise(op)
            case _:
                unsupported(self.structure.op, "its body refers to something unknown")

    def _constant(self, value: SSAValue, constant: object) -> Elements:
        match constant:
            case FloatAttr() if isa(value.type, AnyFloat):
                return Elements(real(constant.value.data, value.type.bitwidth), is_number=True)
            case IntegerAttr(value=number) if value.type == IntegerType(1):
                return Elements(Code(str(bool(number.data))), is_number=True)
            case IntegerAttr(value=number):
                return Elements(integer(number.data), is_number=True, is_nonnegative=number.data >= 0)
            case _:
                unsupported(self.structure.op, f"its body holds the constant {constant}")

    def _counting(self, loop: int, first: Size, count: Size) -> Elements:
        """`first`, `first + 1`, ... along a loop."""
        bounds = [self.scope.size_code(bound) for bound in (first, first + count)]
        code = call("np.arange", *(bounds[1:] if first == Size(0) else bounds))
        return Elements(code, (loop,), counting=(first, count), is_nonnegative=first == Size(0))

    def _shifted(self, op: Operation) -> Elements | None:
        """Consecutive integers plus a number: other consecutive integers."""
        if not isinstance(op, arith.AddiOp):
            return None
        a, b = sorted(map(self.elements, op.operands), key=lambda elements: elements.counting is None)
        number = op.rhs if self.elements(op.lhs) is a else op.lhs
        if a.counting is None or not b.is_number:
            return None
        first, count = a.counting
        return self._counting(a.loops[0], first + self.scope.size(number), count)

    def _mean(self, op: Operation) -> Elements | None:
        """A sum of n terms over n."""
        match op:
            case arith.DivfOp(lhs=total, rhs=SSAValue(owner=arith.ConstantOp(value=FloatAttr(value=divisor)))):
                elements = self.elements(total)
                mean = elements.code.over(divisor.data) if isinstance(elements.code, Reduced) else None
                return None if mean is None else Elements(mean, elements.axes)
            case _:
                return None

    def _elementwise(self, op: Operation) -> Elements:
        arguments = [self.elements(operand) for operand in op.operands]
        loops = self._union(arguments)
        terms = [
            Term(self.spread(argument, loops), argument.is_number, argument.is_nonnegative) for argument in arguments
        ]
        if isinstance(op, math.ErfOp):
            self.scope.use_helper(erf_helper(op))
        return Elements(element_code(op, terms), loops, all(argument.is_number for argument in arguments))

    def _gather(self, op: tensor.ExtractOp) -> Elements:
        """The elements of a tensor at computed places: `table[ids]`."""
        indices = [self.elements(index) for index in op.indices]
        loops = self._union(indices)
        computed = self._computed_indices(op, indices, loops)
        leading = self._union(computed)
        return Elements(subscript(self.scope.code(op.tensor), [self.spread(i, leading) for i in computed]), loops)

    def _computed_indices(
        self, op: tensor.ExtractOp, indices: list[Elements], loops: tuple[int, ...]
    ) -> list[Elements]:
        """The indices without the last ones, where these run over whole axes by the last loops."""
        rest = list(indices)
        while len(rest) > 1 and rest[-1].counting == (Size(0), self.scope.axis(op.tensor, len(rest) - 1)):
            suffix = [index.loops[0] for index in indices[len(rest) - 1 :]]
            if (*self._union(rest[:-1]), *suffix) != loops:
                break
            rest.pop()
        return rest

    def _union(self, arguments: Sequence[Elements]) -> tuple[int, ...]:
        """The loops that any of the arguments depends on."""
        loops = {loop for argument in arguments for loop in argument.loops}
        return tuple(loop for loop in self.structure.order if loop in loops)

    def _is_inside(self, value: SSAValue) -> bool:
        return isinstance(value.owner, Operation) and value.owner.parent is self.structure.body

    def _is_worth_a_name(self, value: SSAValue) -> bool:
        computed = self._is_inside(value) and not isinstance(value.owner, arith.ConstantOp)
        return computed and len(list(value.uses)) > 1

    def _named(self, value: SSAValue, found: Elements, hint: str) -> Elements:
        name = self.scope.define(value.name_hint or hint, found.code)
        return Elements(name, found.axes, found.is_number, None, found.is_nonnegative)
