"""The key/value cache."""

from __future__ import annotations

from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern

from rlxc.dialects.rlx import KvAppendOp
from rlxc.dialects.rlx.base import shape_of
from rlxc.dialects.rlx.constraints import dim_text
from rlxc.passes.lowering.dims import as_size, dim
from rlxc.passes.lowering.to_linalg.checks import check, check_shared_dims
from rlxc.passes.lowering.to_linalg.emit import emit_before
from rlxc.passes.lowering.to_linalg.views import insert


class KvAppendToInsertSlice(RewritePattern):
    """kv_append -> the new rows written into the cache."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: KvAppendOp, rewriter: PatternRewriter) -> None:
        capacity = dim_text(shape_of(op.cache)[1])
        with emit_before(op, rewriter):
            check_shared_dims(op)
            position = as_size(op.position)
            end = position + dim(op.new, 1)
            check(op, position >= 0, "position is negative")
            check(op, end <= dim(op.cache, 1), f"the new rows do not fit into the cache (capacity {capacity})")
            result = insert(op.new, op.cache, {1: position})
        rewriter.replace(op, (), (result,))
