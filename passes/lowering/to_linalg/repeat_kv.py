"""Repeated key/value heads."""

from __future__ import annotations

from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern

from rlxc.dialects.rlx import RepeatKvOp
from rlxc.dialects.rlx.base import int_of, shape_of
from rlxc.passes.lowering.to_linalg.emit import emit_before
from rlxc.passes.lowering.to_linalg.structured import pointwise
from rlxc.passes.lowering.to_linalg.views import collapse, expand


class RepeatKvToLinalg(RewritePattern):
    """repeat_kv -> heads apart, a broadcast over the group, heads packed."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: RepeatKvOp, rewriter: PatternRewriter) -> None:
        head_dim = int_of(op.head_dim)
        with emit_before(op, rewriter):
            heads = expand(op.x, 2, shape_of(op.x)[2] // head_dim, head_dim)
            group = {"g": int_of(op.group)}
            repeated = pointwise("bkhd->bkhgd", lambda x: x, heads, sizes=group, hint="repeated")
            result = collapse(repeated, 2, 3)
        rewriter.replace(op, (), (result,))
