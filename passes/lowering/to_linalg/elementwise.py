"""Operations of `arith` and `math` on whole tensors."""

from __future__ import annotations

from itertools import pairwise
from string import ascii_lowercase

from xdsl.dialects import arith
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr, FloatAttr, IntegerAttr, TensorType
from xdsl.dialects.linalg.ops import FillOp
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern
from xdsl.utils.hints import isa

from rlxc.dialects.rlx.base import shape_of
from rlxc.passes.lowering.dims import dim
from rlxc.passes.lowering.scalars import Scalar
from rlxc.passes.lowering.to_linalg.checks import check_equal
from rlxc.passes.lowering.to_linalg.emit import emit_before
from rlxc.passes.lowering.to_linalg.structured import element_type_of, filled, pointwise


class ElementwiseToLinalg(RewritePattern):
    """arith.addf on tensors -> a pointwise arith.addf; a tensor that holds one number is a number in its body."""

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter, /) -> None:
        if not is_elementwise_on_tensors(op):
            return
        with emit_before(op, rewriter):
            tensors = [operand for operand in dict.fromkeys(op.operands) if isa(operand.type, TensorType)]
            _check_equal_sizes(op, tensors)
            result = _pointwise(op, [value for value in tensors if _literal(value) is None] or tensors[:1])
        rewriter.replace(op, (), (result,))


class SplatConstantToFill(RewritePattern):
    """arith.constant dense<2.0> : tensor<4x8xf32> -> linalg.fill with 2.0."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: arith.ConstantOp, rewriter: PatternRewriter) -> None:
        if not isa(op.result.type, TensorType) or not isinstance(op.value, DenseIntOrFPElementsAttr):
            return
        if not op.value.is_splat():
            return
        with emit_before(op, rewriter):
            number = Scalar(arith.ConstantOp(op.value.get_attrs()[0]).result)
            result = filled(shape_of(op.result), number)
        rewriter.replace(op, (), (result,))


def is_elementwise_on_tensors(op: Operation) -> bool:
    """Whether the operation computes each element of one tensor from those of others."""
    return (
        op.name.startswith(("arith.", "math."))
        and not isinstance(op, arith.ConstantOp)
        and len(op.results) == 1
        and isa(op.results[0].type, TensorType)
    )


def _pointwise(op: Operation, tensors: list[SSAValue]) -> SSAValue:
    element_type = element_type_of(op.results[0])
    axes = ascii_lowercase[: len(shape_of(op.results[0]))]

    def body(*elements: Scalar) -> Scalar:
        by_tensor = dict(zip(tensors, (element.value for element in elements), strict=True))
        operands = [by_tensor[operand] if operand in by_tensor else _as_scalar(operand) for operand in op.operands]
        scalar_op = type(op).create(operands=operands, result_types=[element_type], properties=op.properties)
        return Scalar(scalar_op.results[0])

    return pointwise(f"{','.join([axes] * len(tensors))}->{axes}", body, *tensors, element_type=element_type)


def _as_scalar(operand: SSAValue) -> SSAValue:
    """An operand that is not read element by element: a literal, or a scalar anyway."""
    literal = _literal(operand)
    return operand if literal is None else arith.ConstantOp(literal).result


def _literal(value: SSAValue) -> IntegerAttr | FloatAttr | None:
    """The number that a tensor holds everywhere, if it is known."""
    match value.owner:
        case FillOp(inputs=(SSAValue(owner=arith.ConstantOp(value=IntegerAttr() | FloatAttr() as number)),)):
            return number
        case _:
            return None


def _check_equal_sizes(op: Operation, tensors: list[SSAValue[Attribute]]) -> None:
    for a, b in pairwise(tensors):
        for axis in range(len(shape_of(a))):
            check_equal(op, dim(a, axis), dim(b, axis), f"the operands differ in the size of axis {axis}")
