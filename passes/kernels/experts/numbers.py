"""Whole numbers in memory for float32."""

from __future__ import annotations

from xdsl.dialects import arith
from xdsl.dialects.builtin import IndexType, f32, i32
from xdsl.ir import SSAValue

from rlxc.passes.kernels.vectors import element, put
from rlxc.passes.lowering.scalars import Scalar, Size, as_value


def number_at(memory: SSAValue, place: Size) -> Scalar:
    """The number that `put_number` has left at a place."""
    bits = arith.BitcastOp(element(memory, [place]).value, i32).result
    return Scalar(arith.IndexCastOp(bits, IndexType()).result)


def put_number(number: Size, memory: SSAValue, place: Size) -> None:
    """Write a number below 2**31 as the bits of an element."""
    bits = arith.IndexCastOp(as_value(number), i32).result
    put(Scalar(arith.BitcastOp(bits, f32).result), memory, [place])
