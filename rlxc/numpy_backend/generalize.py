"""Named operations of `linalg` as generics, so that one set of rules prints them all."""

from __future__ import annotations

from xdsl.dialects.builtin import AffineMapAttr, ModuleOp, TensorType
from xdsl.dialects.linalg import ops as linalg
from xdsl.dialects.linalg.abstract_ops import LinalgStructuredOperation
from xdsl.dialects.linalg.attrs import IteratorTypeAttr
from xdsl.ir import Operation
from xdsl.ir.affine import AffineMap
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern
from xdsl.utils.hints import isa

from rlxc.passes.rewriting import apply_patterns


class Generalize(RewritePattern):
    """linalg.matmul, linalg.broadcast, ... -> linalg.generic; linalg.fill stays."""

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter, /) -> None:
        if isinstance(op, linalg.BroadcastOp):
            rewriter.replace(op, _broadcast(op))
        elif isinstance(op, LinalgStructuredOperation) and not isinstance(op, linalg.GenericOp | linalg.FillOp):
            maps, iterators = op.get_indexing_maps(), op.get_iterator_types()
            rewriter.replace(
                op, linalg.GenericOp(op.inputs, op.outputs, op.body.clone(), maps, iterators, op.results.types)
            )


def _broadcast(op: linalg.BroadcastOp) -> linalg.GenericOp:
    result = op.init.type
    assert isa(result, TensorType)
    rank = result.get_num_dims()
    added = {int(axis) for axis in op.dimensions.get_values()}
    maps = [AffineMap.identity(rank).drop_results([axis in added for axis in range(rank)]), AffineMap.identity(rank)]
    return linalg.GenericOp(
        (op.input,),
        (op.init,),
        op.hidden_region.clone(),
        [AffineMapAttr(map_) for map_ in maps],
        [IteratorTypeAttr.parallel()] * rank,
        (result,),
    )


def generalize(module: ModuleOp) -> ModuleOp:
    """The module with generics for named operations; a copy."""
    copy = module.clone()
    apply_patterns(copy, [Generalize()], dce=False)
    return copy
