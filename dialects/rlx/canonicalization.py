"""Canonical forms of `rlx` operations."""

from __future__ import annotations

from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern

from rlxc.dialects.rlx.attention import AttentionOp
from rlxc.dialects.rlx.attributes import MaskAttr, MaskKind
from rlxc.dialects.rlx.base import int_of, is_static, shape_of
from rlxc.dialects.rlx.repeat_kv import RepeatKvOp


class MergeRepeats(RewritePattern):
    """repeat_kv(repeat_kv(x, a), b) -> repeat_kv(x, a * b)."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: RepeatKvOp, rewriter: PatternRewriter) -> None:
        inner = op.x.owner
        if not isinstance(inner, RepeatKvOp) or inner.head_dim != op.head_dim:
            return
        merged = RepeatKvOp(inner.x, head_dim=int_of(op.head_dim), group=int_of(inner.group) * int_of(op.group))
        merged.location = op.location
        rewriter.replace(op, merged)


class DropDefaultScale(RewritePattern):
    """attention {scale = head_dim ** -0.5} -> attention."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: AttentionOp, rewriter: PatternRewriter) -> None:
        if op.scale is not None and op.scale.value.data == int_of(op.head_dim) ** -0.5:
            op.scale = None
            rewriter.notify_op_modified(op)


class DropUselessMask(RewritePattern):
    """attention mask(causal), one query aligned with the last key -> attention: it sees every key."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: AttentionOp, rewriter: PatternRewriter) -> None:
        last_query_only = shape_of(op.q)[1] == 1 and op.query_offset is None and op.kv_length is None
        if op.mask.kind.data == MaskKind.CAUSAL and last_query_only:
            op.mask = MaskAttr(MaskKind.NONE)
            rewriter.notify_op_modified(op)


class WidenWindowToCausal(RewritePattern):
    """attention mask(sliding<W>), at most W keys -> attention mask(causal): no key falls out of the window."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: AttentionOp, rewriter: PatternRewriter) -> None:
        window, kv_len = op.mask.window_size, shape_of(op.k)[1]
        if window is None or not is_static(kv_len) or kv_len > window or op.query_offset is not None:
            return
        op.mask = MaskAttr(MaskKind.CAUSAL)
        rewriter.notify_op_modified(op)
