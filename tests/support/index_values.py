"""What index arithmetic computes, for given sizes of arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from xdsl.dialects import arith, memref
from xdsl.dialects.builtin import DYNAMIC_INDEX, ArrayAttr, IntegerAttr, MemRefType, StringAttr
from xdsl.ir import Attribute, BlockArgument, Operation, SSAValue
from xdsl.utils.hints import isa

from rlxc.passes.arguments import argument_attributes
from rlxc.passes.attribute_names import DIMS

OPERATIONS: Mapping[type[Operation], Callable[[int, int], int]] = {
    arith.AddiOp: lambda a, b: a + b,
    arith.SubiOp: lambda a, b: a - b,
    arith.MuliOp: lambda a, b: a * b,
    arith.DivUIOp: lambda a, b: a // b,
    arith.DivSIOp: lambda a, b: a // b,
    arith.MinSIOp: min,
    arith.MaxSIOp: max,
    arith.MaxUIOp: max,
}


def index_value(value: SSAValue, sizes: Mapping[str, int]) -> int:
    """The number that `value` is, where `sizes` gives arguments and named dimensions."""
    match value.owner:
        case arith.ConstantOp(value=IntegerAttr(value=number)):
            return number.data
        case memref.DimOp(source=BlockArgument() as source, index=index):
            return _size(source, index_value(index, sizes), sizes)
        case Operation() as op:
            a, b = (index_value(operand, sizes) for operand in op.operands)
            return OPERATIONS[type(op)](a, b)
        case _:
            assert value.name_hint is not None
            return sizes[value.name_hint]


def _size(argument: BlockArgument, axis: int, sizes: Mapping[str, int]) -> int:
    assert isa(argument.type, MemRefType[Attribute])
    shape, names = argument.type.get_shape(), argument_attributes(argument)[DIMS]
    assert isa(names, ArrayAttr[StringAttr])
    return shape[axis] if shape[axis] != DYNAMIC_INDEX else sizes[names.data[shape[:axis].count(DYNAMIC_INDEX)].data]
