"""Structured operations in index notation: `contract("bsk,kn->bsn", x, weight, loops="bskn")`.

A letter is a loop; each term before the arrow says which loops index the axes of an input, the
term after it those of the result. `1` stands for an axis of size 1. A loop whose letter is not in
the result is a reduction. The sizes of the result are read off the inputs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from xdsl.builder import ImplicitBuilder
from xdsl.dialects import tensor
from xdsl.dialects.builtin import DYNAMIC_INDEX, AffineMapAttr, AnyFloat, TensorType, i1
from xdsl.dialects.linalg.attrs import IteratorType, IteratorTypeAttr
from xdsl.dialects.linalg.ops import FillOp, GenericOp, IndexOp, YieldOp
from xdsl.ir import Attribute, Block, Region, SSAValue
from xdsl.ir.affine import AffineExpr, AffineMap
from xdsl.utils.hints import isa

from rlxc.passes.lowering.dims import dim
from rlxc.passes.lowering.scalars import Scalar, Size, constant, greater_float

Body: TypeAlias = (
    Callable[[Scalar], Scalar]
    | Callable[[Scalar, Scalar], Scalar]
    | Callable[[Scalar, Scalar, Scalar], Scalar]
    | Callable[[Scalar, Scalar, Scalar, Scalar], Scalar]
)
"""The element of the result from one element of each input."""

LOWEST = {32: -3.4028234663852886e38, 64: -1.7976931348623157e308}
"""The least finite float, by width."""


@dataclass(frozen=True)
class Notation:
    """A parsed index expression."""

    inputs: tuple[str, ...]
    result: str
    loops: str

    @staticmethod
    def parse(text: str, loops: str | None = None) -> Notation:
        """`"bsk,kn->bsn"`; the loops are those of the result, then the reductions, unless given."""
        left, result = text.split("->")
        inputs = tuple(left.split(",")) if left else ()
        letters = dict.fromkeys((result + left).replace(",", "").replace("1", ""))
        assert loops is None or set(loops) == set(letters)
        return Notation(inputs, result, "".join(letters) if loops is None else loops)

    def map_of(self, term: str) -> AffineMapAttr:
        """The indexing map of a term."""
        axes = (AffineExpr.constant(0) if letter == "1" else self.loop(letter) for letter in term)
        return AffineMapAttr(AffineMap(len(self.loops), 0, tuple(axes)))

    def loop(self, letter: str) -> AffineExpr:
        return AffineExpr.dimension(self.loops.index(letter))

    @property
    def iterators(self) -> list[IteratorTypeAttr]:
        return [
            IteratorTypeAttr(IteratorType.PARALLEL if letter in self.result else IteratorType.REDUCTION)
            for letter in self.loops
        ]

    def sizes(self, values: Sequence[SSAValue], given: Mapping[str, Size]) -> list[Size]:
        """The sizes of the result: given, or those of the first input that is indexed by the same loop."""
        return [given[letter] if letter in given else self._size(letter, values) for letter in self.result]

    def _size(self, letter: str, values: Sequence[SSAValue]) -> Size:
        indexed = zip(self.inputs, values, strict=True)
        return next(dim(value, term.index(letter)) for term, value in indexed if letter in term)


def pointwise(
    notation: str,
    body: Body,
    *inputs: SSAValue,
    hint: str | None = None,
    sizes: Mapping[str, Size] | None = None,
    element_type: Attribute | None = None,
) -> SSAValue:
    """Each element of the result from the elements of the inputs at the same indices.

    `sizes` gives the size of loops that no input has; the element type is that of the first
    input, unless given.
    """
    parsed = Notation.parse(notation)
    init = empty(parsed.sizes(inputs, sizes or {}), element_type or element_type_of(inputs[0]))
    of_inputs: Callable[..., Scalar] = body

    def element(*elements: Scalar) -> Scalar:
        return of_inputs(*elements[:-1])

    return _generic(parsed, inputs, init, element, hint)


def update(notation: str, body: Body, *inputs: SSAValue, into: SSAValue, hint: str | None = None) -> SSAValue:
    """Each element of `into` replaced: `body` takes the elements of the inputs, then the old one."""
    return _generic(Notation.parse(notation), inputs, into, body, hint)


def contract(notation: str, a: SSAValue, b: SSAValue, *, loops: str, hint: str | None = None) -> SSAValue:
    """The sum of products, as in `numpy.einsum`; `loops` is the loop order, outermost first."""
    parsed = Notation.parse(notation, loops)
    zeros = filled(parsed.sizes((a, b), {}), constant(0.0, element_type_of(a)))
    return _generic(parsed, (a, b), zeros, lambda x, y, accumulator: accumulator + x * y, hint)


def reduce_sum(notation: str, body: Callable[[Scalar], Scalar], x: SSAValue, *, hint: str | None = None) -> SSAValue:
    """The sum of `body` over the reduction loops."""
    parsed = Notation.parse(notation)
    zeros = filled(parsed.sizes((x,), {}), constant(0.0, element_type_of(x)))
    return _generic(parsed, (x,), zeros, lambda element, accumulator: accumulator + body(element), hint)


def sum_over_pairs(
    notation: str, body: Callable[[Scalar, Scalar], Scalar], a: SSAValue, b: SSAValue, *, loops: str, hint: str | None
) -> SSAValue:
    """The sum of `body` of an element of each input over the reduction loops."""
    parsed = Notation.parse(notation, loops)
    zeros = filled(parsed.sizes((a, b), {}), constant(0.0, element_type_of(a)))
    return _generic(parsed, (a, b), zeros, lambda x, y, accumulator: accumulator + body(x, y), hint)


def reduce_max(notation: str, x: SSAValue, *, hint: str | None = None) -> SSAValue:
    """The largest element over the reduction loops, at least the lowest finite float."""
    parsed, element_type = Notation.parse(notation), element_type_of(x)
    assert isa(element_type, AnyFloat)
    lowest = filled(parsed.sizes((x,), {}), constant(LOWEST[element_type.bitwidth], element_type))
    return _generic(parsed, (x,), lowest, lambda element, accumulator: greater_float(accumulator, element), hint)


def reduce_all(notation: str, body: Callable[[Scalar], Scalar], x: SSAValue, *, hint: str | None = None) -> SSAValue:
    """Whether `body`, of type i1, holds at every index of the reduction loops."""
    parsed = Notation.parse(notation)
    init = filled(parsed.sizes((x,), {}), constant(True, i1))
    return _generic(parsed, (x,), init, lambda element, accumulator: accumulator & body(element), hint)


def empty(sizes: Sequence[Size], element_type: Attribute) -> SSAValue:
    """A tensor without contents yet."""
    dynamic = [size.value for size in sizes if isinstance(size, Scalar)]
    result = tensor.EmptyOp(dynamic, tensor_type(sizes, element_type)).tensor
    result.name_hint = "init"
    return result


def filled(sizes: Sequence[Size], element: Scalar) -> SSAValue:
    """A tensor that holds one number everywhere."""
    return FillOp((element.value,), (empty(sizes, element.type),)).res[0]


def index(axis: int) -> Scalar:
    """The current index of a loop, in the body of a structured operation."""
    return Scalar(IndexOp(axis).result)


def tensor_type(sizes: Sequence[Size], element_type: Attribute) -> TensorType[Attribute]:
    """The tensor type of the given sizes, `?` where they are not literals."""
    return TensorType(element_type, [size if isinstance(size, int) else DYNAMIC_INDEX for size in sizes])


def element_type_of(value: SSAValue) -> Attribute:
    """The element type of a tensor."""
    assert isa(value.type, TensorType)
    return value.type.element_type


def _generic(notation: Notation, inputs: Sequence[SSAValue], init: SSAValue, body: Body, hint: str | None) -> SSAValue:
    terms = (*notation.inputs, notation.result)
    operation = GenericOp(
        inputs,
        (init,),
        _region((*inputs, init), body, "acc" if len(notation.loops) > len(notation.result) else "out"),
        [notation.map_of(term) for term in terms],
        notation.iterators,
        (init.type,),
    )
    operation.res[0].name_hint = hint
    return operation.res[0]


def _region(operands: Sequence[SSAValue], body: Body, result_hint: str) -> Region:
    """The body of a structured operation; its arguments are named after the operands."""
    element: Callable[..., Scalar] = body
    block = Block(arg_types=[element_type_of(operand) for operand in operands])
    for argument, operand in zip(block.args, operands, strict=True):
        argument.name_hint = operand.name_hint
    block.args[-1].name_hint = result_hint
    with ImplicitBuilder(block) as arguments:
        YieldOp(element(*map(Scalar, arguments)).value)
    return Region(block)
