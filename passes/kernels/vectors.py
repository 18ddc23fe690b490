"""Vector code that reads as a formula, in the current `ImplicitBuilder`.

A `Vector` is a value of type `vector<Nxf32>` with Python's operators. Indices are `Size`s of
`rlxc.passes.lowering.scalars`: ints, or scalars of type index.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from xdsl.builder import ImplicitBuilder
from xdsl.dialects import arith, scf, vector
from xdsl.dialects.builtin import (
    DenseIntOrFPElementsAttr,
    Float32Type,
    FunctionType,
    IndexType,
    StringAttr,
    VectorType,
    f32,
)
from xdsl.dialects.func import CallOp, FuncOp, ReturnOp
from xdsl.ir import Attribute, Block, Region, SSAValue
from xdsl.utils.hints import isa

from rlxc.passes.lowering.scalars import Scalar, Size, as_value


@dataclass(frozen=True, eq=False)
class Vector:
    """A vector of f32."""

    value: SSAValue

    @property
    def lanes(self) -> int:
        assert isa(self.value.type, VectorType[Float32Type])
        return self.value.type.get_shape()[0]

    def __add__(self, other: Vector | float) -> Vector:
        return Vector(arith.AddfOp(self.value, self._like(other)).result)

    def __sub__(self, other: Vector | float) -> Vector:
        return Vector(arith.SubfOp(self.value, self._like(other)).result)

    def __mul__(self, other: Vector | float) -> Vector:
        return Vector(arith.MulfOp(self.value, self._like(other)).result)

    def __truediv__(self, other: Vector | float) -> Vector:
        return Vector(arith.DivfOp(self.value, self._like(other)).result)

    def _like(self, other: Vector | float) -> SSAValue:
        return other.value if isinstance(other, Vector) else filled(other, self.lanes).value


Carried: TypeAlias = Sequence[SSAValue]


def vector_type(lanes: int) -> VectorType[Float32Type]:
    """`vector<lanes x f32>`."""
    return VectorType(f32, [lanes])


def filled(number: float, lanes: int) -> Vector:
    """A constant vector with the same number in each lane."""
    return Vector(arith.ConstantOp(DenseIntOrFPElementsAttr.from_list(vector_type(lanes), [number])).result)


def broadcast(element: Scalar, lanes: int) -> Vector:
    """A vector with the same element in each lane."""
    return Vector(vector.BroadcastOp(element.value, vector_type(lanes)).vector)


def fma(a: Vector, b: Vector, c: Vector) -> Vector:
    """`a * b + c`, rounded once."""
    return Vector(vector.FMAOp(a.value, b.value, c.value).res)


def greater(a: Vector, b: Vector) -> Vector:
    """The larger element of each lane."""
    return Vector(arith.MaximumfOp(a.value, b.value).result)


def load(source: SSAValue, indices: Sequence[Size], lanes: int) -> Vector:
    """The elements of a memref from `indices` on, along its last axis."""
    return Vector(vector.LoadOp(source, [as_value(i) for i in indices], vector_type(lanes)).result)


def store(x: Vector, destination: SSAValue, indices: Sequence[Size]) -> None:
    """Write a vector to the elements of a memref from `indices` on, along its last axis."""
    vector.StoreOp(x.value, destination, [as_value(i) for i in indices])


def loop(
    lower: Size, upper: Size, step: Size, carried: Carried, body: Callable[[Scalar, Carried], Carried]
) -> list[SSAValue]:
    """`for i in range(lower, upper, step)`: `body` gets `i` and the carried values, and gives the next ones."""
    block = Block(arg_types=[IndexType(), *(value.type for value in carried)])
    with ImplicitBuilder(block) as (index, *inside):
        scf.YieldOp(*body(Scalar(index), inside))
    return list(scf.ForOp(as_value(lower), as_value(upper), as_value(step), carried, block).results)


def function(name: str, arguments: Sequence[tuple[str, Attribute]], body: Callable[..., None]) -> FuncOp:
    """A private function without results; `body` gets one value for each argument."""
    kinds = [kind for _, kind in arguments]
    block = Block(arg_types=kinds)
    for value, (hint, _) in zip(block.args, arguments, strict=True):
        value.name_hint = hint
    with ImplicitBuilder(block) as values:
        body(*values)
        ReturnOp()
    return FuncOp(name, FunctionType.from_lists(kinds, []), Region(block), StringAttr("private"))


def call(name: str, *operands: SSAValue) -> None:
    """Call a function without results."""
    CallOp(name, operands, [])
