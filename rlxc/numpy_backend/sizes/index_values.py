"""The index arithmetic of a function, as sizes in normal form."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce

from xdsl.dialects import arith, func, scf, tensor
from xdsl.dialects.builtin import DYNAMIC_INDEX, IntegerAttr
from xdsl.ir import BlockArgument, Operation, SSAValue

from rlxc.numpy_backend.errors import unsupported
from rlxc.numpy_backend.sizes.size import Facts, Quotient, Size, product
from rlxc.numpy_backend.sizes.unit_axes import dropped_axes
from rlxc.passes.lowering.dims import Dim, dim_source, size_source


@dataclass
class IndexValues:
    """Translates values of integer type, once each, with what is known of them so far."""

    facts: Facts = field(default_factory=lambda: Facts(set(), {}))
    _known: dict[SSAValue, Size] = field(default_factory=dict[SSAValue, Size])

    def size(self, value: SSAValue) -> Size:
        """The number in a value."""
        if value not in self._known:
            self._known[value] = self._of_source(_declared_dim(value) or size_source(value))
        return self._known[value]

    def axis(self, value: SSAValue, axis: int) -> Size:
        """The size of an axis of a tensor."""
        return self._of_source(dim_source(value, axis))

    def enter_loop(self, loop: scf.ForOp) -> None:
        """Learn what a loop says of its counter."""
        counter, lower = loop.body.block.args[0], self.size(loop.lb)
        if self.facts.is_nonnegative(lower):
            self.facts.nonnegative.add(counter)
        self.facts.upper_bounds[counter] = self.size(loop.ub) - 1

    def learn(self, condition: SSAValue) -> None:
        """Learn from a condition that has been checked: `x >= 0`."""
        match condition.owner:
            case arith.CmpiOp(lhs=lhs, rhs=rhs, predicate=predicate) if predicate.value.data == 5:
                atom = self.size(lhs).atom
                if isinstance(atom, SSAValue) and self.facts.is_nonnegative(self.size(rhs)):
                    self.facts.nonnegative.add(atom)
            case _:
                pass

    def _of_source(self, source: int | Dim | SSAValue) -> Size:
        if isinstance(source, int):
            return Size(source)
        if isinstance(source, Dim):
            return self._of_dim(source)
        return self._of_operation(source, source.owner)

    def _of_dim(self, dim: Dim) -> Size:
        """The size of an axis, made from those of other tensors where an operation joins or drops axes."""
        match dim.value.owner:
            case tensor.CollapseShapeOp(reassociation=groups, src=source):
                return product(self.axis(source, axis.value.data) for axis in groups.data[dim.axis])
            case tensor.ConcatOp() as op if dim.axis == op.dim.value.data:
                return reduce(Size.__add__, [self.axis(source, dim.axis) for source in op.inputs])
            case tensor.ConcatOp() as op:
                return self.axis(op.inputs[0], dim.axis)
            case tensor.ExtractSliceOp() as op:
                dropped = dropped_axes(op)
                kept = [axis for axis in range(len(op.static_sizes)) if axis not in dropped]
                static = [int(size) for size in op.static_sizes.get_values()]
                return self.size(op.sizes[static[: kept[dim.axis]].count(DYNAMIC_INDEX)])
            case _:
                return Size.of(dim)

    def _of_operation(self, value: SSAValue, op: object) -> Size:
        facts = self.facts
        match op:
            case arith.AddiOp(lhs=a, rhs=b):
                return self.size(a) + self.size(b)
            case arith.SubiOp(lhs=a, rhs=b):
                return self.size(a) - self.size(b)
            case arith.MuliOp(lhs=a, rhs=b):
                return self.size(a) * self.size(b)
            case arith.MinSIOp(lhs=a, rhs=b):
                return facts.minimum(self.size(a), self.size(b))
            case arith.MaxSIOp(lhs=a, rhs=b):
                return facts.maximum(self.size(a), self.size(b))
            case arith.IndexCastOp(input=x):
                return self.size(x)
            case arith.DivUIOp() | arith.DivSIOp() | arith.RemUIOp() | arith.RemSIOp():
                return self._division(op, isinstance(op, arith.RemUIOp | arith.RemSIOp))
            case _:
                return Size.of(value)

    def _division(self, op: Operation, remainder: bool) -> Size:
        dividend, divisor = map(self.size, op.operands)
        if not self.facts.is_nonnegative(dividend) or not self.facts.is_nonnegative(divisor):
            unsupported(op, "it divides numbers that may be negative, where Python rounds in another direction")
        return Size.of(Quotient(dividend, divisor, remainder))


def _declared_dim(value: SSAValue) -> Dim | None:
    """The axis of an argument that a `tensor.dim` names itself, even where another should have the same size."""
    match value.owner:
        case tensor.DimOp(
            source=BlockArgument() as source, index=SSAValue(owner=arith.ConstantOp(value=IntegerAttr() as axis))
        ):
            return Dim(source, axis.value.data) if isinstance(source.block.parent_op(), func.FuncOp) else None
        case _:
            return None
