"""Index constants and sizes of arguments, each computed once, at the start of a function."""

from __future__ import annotations

from xdsl.dialects import arith, memref
from xdsl.dialects.builtin import IndexType, IntegerAttr
from xdsl.dialects.func import FuncOp
from xdsl.ir import BlockArgument, Operation, SSAValue
from xdsl.rewriter import InsertPoint, Rewriter


class EntryValues:
    """The index constants and sizes that stand before everything else in a function, and those added to them."""

    def __init__(self, function: FuncOp):
        self._block = function.body.block
        self._constants: dict[int, SSAValue] = {}
        self._dims: dict[tuple[SSAValue, int], SSAValue] = {}
        self._last: Operation | None = None
        for op in self._block.ops:
            if not isinstance(op, memref.DimOp) and not op.name.startswith("arith."):
                break
            self._remember(op)

    def constant(self, number: int) -> SSAValue:
        """An index constant."""
        if number not in self._constants:
            literal = arith.ConstantOp(IntegerAttr(number, IndexType()))
            literal.result.name_hint = f"c{number}"
            self._append(literal)
            self._constants[number] = literal.result
        return self._constants[number]

    def dim(self, argument: BlockArgument, axis: int) -> SSAValue:
        """The size of an axis of an argument of the function."""
        if (argument, axis) not in self._dims:
            size = memref.DimOp(argument, self.constant(axis))
            size.result.name_hint = f"{argument.name_hint or 'argument'}_dim{axis}"
            self._append(size)
            self._dims[argument, axis] = size.result
        return self._dims[argument, axis]

    def _remember(self, op: Operation) -> None:
        """Note a value, unless an equal one comes before it: what is in between can use only that one."""
        match op:
            case arith.ConstantOp(value=IntegerAttr(value=number, type=IndexType())):
                known = self._constants.setdefault(number.data, op.result)
            case memref.DimOp(source=source, index=SSAValue(owner=arith.ConstantOp(value=IntegerAttr(value=axis)))):
                known = self._dims.setdefault((source, axis.data), op.result)
            case _:
                return
        if known is op.results[0]:
            self._last = op

    def _append(self, op: Operation) -> None:
        """Insert a new operation, which an `ImplicitBuilder` may have put elsewhere, after the others."""
        if op.parent is not None:
            op.detach()
        place = InsertPoint.at_start(self._block) if self._last is None else InsertPoint.after(self._last)
        Rewriter.insert_op(op, place)
        self._last = op
