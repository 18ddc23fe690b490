"""Vector code that reads as a formula, in the current `ImplicitBuilder`.

A `Vector` is a value of type `vector<Nxf32>` with Python's operators. Indices are `Size`s of
`rlxc.passes.lowering.scalars`: ints, or scalars of type index.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from xdsl.builder import ImplicitBuilder
from xdsl.dialects import arith, math, memref, scf, vector
from xdsl.dialects.builtin import (
    ArrayAttr,
    DenseArrayBase,
    DenseIntOrFPElementsAttr,
    Float32Type,
    FunctionType,
    IndexType,
    StringAttr,
    VectorType,
    f32,
    i1,
    i64,
)
from xdsl.dialects.func import CallOp, FuncOp, ReturnOp
from xdsl.dialects.utils.fast_math import FastMathFlag
from xdsl.ir import Attribute, Block, Region, SSAValue
from xdsl.utils.hints import isa

from rlxc.passes.lowering.scalars import Condition, Scalar, Size, as_value


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

    def __neg__(self) -> Vector:
        return Vector(arith.NegfOp(self.value).result)

    def _like(self, other: Vector | float) -> SSAValue:
        return other.value if isinstance(other, Vector) else filled(other, self.lanes).value


Carried: TypeAlias = Sequence[SSAValue]

ANY_MAXIMUM = arith.FastMathFlagsAttr([FastMathFlag.NO_NANS, FastMathFlag.NO_SIGNED_ZEROS])
"""What lets a maximum be one instruction of every machine."""


def vector_type(lanes: int) -> VectorType[Float32Type]:
    """`vector<lanes x f32>`."""
    return VectorType(f32, [lanes])


def filled(number: float, lanes: int) -> Vector:
    """A constant vector with the same number in each lane."""
    return constants([number], lanes)


def constants(numbers: Sequence[float], lanes: int) -> Vector:
    """A constant vector; a single number stands for all lanes."""
    return Vector(arith.ConstantOp(DenseIntOrFPElementsAttr.from_list(vector_type(lanes), numbers)).result)


def broadcast(element: Scalar, lanes: int) -> Vector:
    """A vector with the same element in each lane."""
    return Vector(vector.BroadcastOp(element.value, vector_type(lanes)).vector)


def fma(a: Vector, b: Vector, c: Vector) -> Vector:
    """`a * b + c`, rounded once."""
    return Vector(vector.FMAOp(a.value, b.value, c.value).res)


def greater(a: Vector, b: Vector) -> Vector:
    """The larger element of each lane."""
    return Vector(arith.MaximumfOp(a.value, b.value).result)


def highest(a: Vector, b: Vector) -> Vector:
    """The larger element of each lane; any number where one of them is NaN. A single instruction, unlike `greater`."""
    return Vector(arith.MaximumfOp(a.value, b.value, ANY_MAXIMUM).result)


def largest(x: Vector) -> Scalar:
    """The largest element, none of which is NaN."""
    return _reduced(x, vector.CombiningKindFlag.MAXIMUMF, ANY_MAXIMUM)


def total(x: Vector) -> Scalar:
    """The sum of the elements, in any order."""
    return _reduced(x, vector.CombiningKindFlag.ADD, arith.FastMathFlagsAttr([FastMathFlag.REASSOC]))


def totals(vectors: Sequence[Vector]) -> Vector:
    """The sums of the elements of several vectors, side by side: fewer steps than one by one.

    With W vectors of more lanes, the sums of their first W elements come first, then those of the next W. W is a
    power of two. Each step adds the halves of neighbours, in which their parts alternate.
    """
    lanes, width, part = vectors[0].lanes, len(vectors), 1
    while len(vectors) > 1:
        places = [(lane // width * width, lane % width) for lane in range(lanes)]
        first = [group + lane // (2 * part) * part + lane % part + lane // part % 2 * lanes for group, lane in places]
        second = [lane + width // 2 for lane in first]
        vectors = [
            _interleaved(a, b, first) + _interleaved(a, b, second)
            for a, b in zip(vectors[::2], vectors[1::2], strict=True)
        ]
        part *= 2
    return vectors[0]


def _reduced(x: Vector, kind: vector.CombiningKindFlag, flags: arith.FastMathFlagsAttr) -> Scalar:
    properties = {"kind": vector.CombiningKindAttr(kind), "fastmath": flags}
    reduction = vector.ReductionOp.build(operands=[x.value, None], result_types=[f32], properties=properties)
    return Scalar(reduction.dest)


def shuffled(x: Vector, lanes: Sequence[int]) -> Vector:
    """The elements of the given lanes, in this order."""
    return _interleaved(x, x, lanes)


def _interleaved(a: Vector, b: Vector, lanes: Sequence[int]) -> Vector:
    """The elements of the given lanes; those of `b` are counted on."""
    mask = DenseArrayBase.from_list(i64, lanes)
    return Vector(vector.ShuffleOp(a.value, b.value, mask, result_type=vector_type(len(lanes))).result)


def exp(x: Vector) -> Vector:
    """The exponential function of each lane."""
    return Vector(math.ExpOp(x.value).result)


def tanh(x: Vector) -> Vector:
    """The hyperbolic tangent of each lane."""
    return Vector(math.TanhOp(x.value).result)


def erf(x: Vector) -> Vector:
    """The error function of each lane."""
    return Vector(math.ErfOp(x.value).result)


def element(source: SSAValue, indices: Sequence[Size]) -> Scalar:
    """One element of a memref."""
    return Scalar(memref.LoadOp.get(source, [as_value(i) for i in indices]).res)


def put(x: Scalar, destination: SSAValue, indices: Sequence[Size]) -> None:
    """Write one element of a memref."""
    memref.StoreOp.get(x.value, destination, [as_value(i) for i in indices])


def load(source: SSAValue, indices: Sequence[Size], lanes: int) -> Vector:
    """The elements of a memref from `indices` on, along its last axis."""
    return Vector(vector.LoadOp(source, [as_value(i) for i in indices], vector_type(lanes)).result)


def store(x: Vector, destination: SSAValue, indices: Sequence[Size]) -> None:
    """Write a vector to the elements of a memref from `indices` on, along its last axis."""
    vector.StoreOp(x.value, destination, [as_value(i) for i in indices])


def first_lanes(count: Size, lanes: int) -> SSAValue:
    """A mask that is true in the first `count` lanes."""
    return vector.CreateMaskOp([as_value(count)], VectorType(i1, [lanes])).mask_vector


def masked_load(
    source: SSAValue, indices: Sequence[Size], mask: SSAValue, lanes: int, otherwise: float = 0.0
) -> Vector:
    """Like `load`, but `otherwise` where the mask is false; no element is read there."""
    hidden = filled(otherwise, lanes)
    return Vector(vector.MaskedLoadOp(source, [as_value(i) for i in indices], mask, hidden.value).result)


def masked_store(x: Vector, destination: SSAValue, indices: Sequence[Size], mask: SSAValue) -> None:
    """Like `store`, but nothing is written where the mask is false."""
    vector.MaskedStoreOp(destination, [as_value(i) for i in indices], mask, x.value)


def when(condition: Condition, body: Callable[[], None], otherwise: Callable[[], None] | None = None) -> None:
    """`if condition: body() else: otherwise()`."""
    if not isinstance(condition, Scalar):
        chosen = body if condition else otherwise
        return chosen() if chosen else None
    scf.IfOp(condition.value, [], _region(body), _region(otherwise) if otherwise else None)


def _region(body: Callable[[], None]) -> Region:
    block = Block()
    with ImplicitBuilder(block):
        body()
        scf.YieldOp()
    return Region(block)


def each(lower: Size, upper: Size, step: Size, body: Callable[[Scalar], None]) -> None:
    """`for i in range(lower, upper, step): body(i)`."""

    def without_values(index: Scalar, _: Carried) -> Carried:
        body(index)
        return []

    loop(lower, upper, step, [], without_values)


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


def noinline(function: FuncOp) -> FuncOp:
    """The same function, which LLVM compiles once instead of at each call."""
    function.attributes["passthrough"] = ArrayAttr([StringAttr("noinline")])
    return function
