"""Projections."""

from __future__ import annotations

from xdsl.ir import SSAValue
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern

from rlxc.dialects.rlx import GluMatmulOp, MatmulOp, SplitOp
from rlxc.dialects.rlx.base import shape_of
from rlxc.passes.lowering.scalars import Scalar
from rlxc.passes.lowering.to_linalg.activation import ACTIVATIONS
from rlxc.passes.lowering.to_linalg.checks import check_shared_dims
from rlxc.passes.lowering.to_linalg.emit import emit_before
from rlxc.passes.lowering.to_linalg.pointwise import glu
from rlxc.passes.lowering.to_linalg.structured import contract, pointwise
from rlxc.passes.lowering.to_linalg.views import part


class MatmulToLinalg(RewritePattern):
    """matmul -> a contraction, then one pointwise operation for bias, activation and residual."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: MatmulOp, rewriter: PatternRewriter) -> None:
        with emit_before(op, rewriter):
            check_shared_dims(op)
            # The innermost loop runs along the rows of the weight, which are contiguous.
            product = contract("bsk,kn->bsn", op.x, op.weight, loops="bskn")
            result = _epilogue(op, product)
        rewriter.replace(op, (), (result,))


def _epilogue(op: MatmulOp, product: SSAValue) -> SSAValue:
    """`act(product + bias) + residual`."""
    optional = {"n": op.bias, "bsn": op.residual}
    terms = {term: value for term, value in optional.items() if value is not None}
    if not terms and op.activation is None:
        return product
    product.name_hint = "product"

    def body(x: Scalar, *others: Scalar) -> Scalar:
        extra = dict(zip(terms, others, strict=True))
        x = x + extra["n"] if "n" in extra else x
        x = x if op.activation is None else ACTIVATIONS[op.activation.data](x)
        return x + extra["bsn"] if "bsn" in extra else x

    return pointwise(f"{','.join(('bsn', *terms))}->bsn", body, product, *terms.values())


class GluMatmulToLinalg(RewritePattern):
    """glu_matmul -> one contraction by gate and up, whose halves meet in a pointwise operation."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: GluMatmulOp, rewriter: PatternRewriter) -> None:
        width = shape_of(op.result)[2]
        with emit_before(op, rewriter):
            check_shared_dims(op)
            product = contract("bsk,kn->bsn", op.x, op.weight, loops="bskn")
            product.name_hint = "gate_up"
            gate, up = (part(product, {2: (n * width, width)}, hint=name) for n, name in enumerate(("gate", "up")))
            result = glu(gate, up, op.activation.data)
        rewriter.replace(op, (), (result,))


class SplitToSlices(RewritePattern):
    """split -> one slice of the last axis for each part."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: SplitOp, rewriter: PatternRewriter) -> None:
        offsets = [sum(op.size_list[:n]) for n in range(len(op.size_list))]
        with emit_before(op, rewriter):
            parts = [part(op.x, {2: range_}) for range_ in zip(offsets, op.size_list, strict=True)]
        rewriter.replace(op, (), parts)
