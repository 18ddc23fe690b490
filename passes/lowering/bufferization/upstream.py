"""Upstream operations on tensors in terms of fewer ones: `linalg.generic`, and slices."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects import tensor
from xdsl.dialects.builtin import AffineMapAttr
from xdsl.dialects.linalg.abstract_ops import LinalgStructuredOperation
from xdsl.dialects.linalg.attrs import IteratorTypeAttr
from xdsl.dialects.linalg.ops import BroadcastOp, CopyOp, FillOp, GenericOp
from xdsl.ir import Operation, Region, SSAValue
from xdsl.ir.affine import AffineMap
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern

from rlxc.dialects.rlx.base import shape_of
from rlxc.passes.lowering.dims import dim, dims
from rlxc.passes.lowering.scalars import Size
from rlxc.passes.lowering.to_linalg.emit import emit_before
from rlxc.passes.lowering.to_linalg.structured import element_type_of, empty
from rlxc.passes.lowering.to_linalg.views import insert


class NamedToGeneric(RewritePattern):
    """linalg.transpose, linalg.matmul... -> linalg.generic."""

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter, /) -> None:
        if not isinstance(op, LinalgStructuredOperation) or isinstance(op, GenericOp | FillOp | CopyOp):
            return
        maps, iterators = op.get_indexing_maps(), op.get_iterator_types()
        rewriter.replace(
            op, GenericOp(op.inputs, op.outputs, op.body.clone(), maps.data, iterators.data, op.result_types)
        )


class BroadcastToGeneric(RewritePattern):
    """linalg.broadcast -> linalg.generic whose input misses the new axes."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: BroadcastOp, rewriter: PatternRewriter) -> None:
        rank, added = len(shape_of(op.init)), op.dimensions.get_values()
        kept = AffineMap.identity(rank).drop_results([axis in added for axis in range(rank)])
        rewriter.replace(op, parallel(op.input, op.init, kept, op.hidden_region.clone()))


class ConcatToSlices(RewritePattern):
    """tensor.concat -> each input written behind the one before."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: tensor.ConcatOp, rewriter: PatternRewriter) -> None:
        axis = op.dim.value.data
        with emit_before(op, rewriter):
            ends = _sums([dim(value, axis) for value in op.inputs])
            sizes = [ends[-1] if n == axis else size for n, size in enumerate(dims(op.inputs[0]))]
            result = empty(sizes, element_type_of(op.result))
            for value, start in zip(op.inputs, (0, *ends), strict=False):
                result = insert(value, result, {axis: start})
            if result.type != op.result.type:
                result = tensor.CastOp(result, op.result.type).dest
        rewriter.replace(op, (), (result,))


UPSTREAM_PATTERNS = (NamedToGeneric(), BroadcastToGeneric(), ConcatToSlices())


def parallel(x: SSAValue, init: SSAValue, read: AffineMap, body: Region) -> GenericOp:
    """A structured operation that computes each element of the result from one of `x`."""
    maps = (AffineMapAttr(read), AffineMapAttr(AffineMap.identity(read.num_dims)))
    return GenericOp((x,), (init,), body, maps, [IteratorTypeAttr.parallel()] * read.num_dims, (init.type,))


def _sums(sizes: Sequence[Size]) -> list[Size]:
    """The sum of the first size, of the first two, and so on."""
    sums: list[Size] = []
    for size in sizes:
        sums.append(sums[-1] + size if sums else size)
    return sums
