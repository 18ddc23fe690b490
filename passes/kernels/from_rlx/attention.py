"""Attention."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.dialects.builtin import f32
from xdsl.ir import SSAValue
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern

from rlxc.dialects.kernel import KernelAttentionOp
from rlxc.dialects.rlx import AttentionOp
from rlxc.dialects.rlx.base import tensor_type
from rlxc.passes.kernels.attention import AttentionSpec, attention_workspace
from rlxc.passes.kernels.target import KernelTarget
from rlxc.passes.lowering.dims import dim, dims
from rlxc.passes.lowering.scalars import Scalar, Size, as_value
from rlxc.passes.lowering.to_linalg.attention_checks import (
    check_table_length,
    checked_kv_length,
    checked_query_offset,
)
from rlxc.passes.lowering.to_linalg.checks import check_shared_dims
from rlxc.passes.lowering.to_linalg.emit import emit_before
from rlxc.passes.lowering.to_linalg.structured import empty


@dataclass(frozen=True)
class AttentionToKernel(RewritePattern):
    """rlx.attention in float32 -> kernel.attention."""

    target: KernelTarget
    threads: SSAValue

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: AttentionOp, rewriter: PatternRewriter) -> None:
        if tensor_type(op.q).element_type != f32:
            return
        with emit_before(op, rewriter):
            check_shared_dims(op)
            kv_length = checked_kv_length(op)
            query_offset = checked_query_offset(op, kv_length)
            if op.cos is not None:
                check_table_length(op, query_offset)
            kernel = self._kernel(op, kv_length, query_offset)
        kernel.written[0].name_hint = op.result.name_hint
        rewriter.replace(op, (), (kernel.written[0],))

    def _kernel(self, op: AttentionOp, kv_length: Size, query_offset: Size) -> KernelAttentionOp:
        batch, q_len, _ = dims(op.q)
        spec = AttentionSpec.of(op)
        size = attention_workspace(spec, self.target, batch, q_len, dim(op.k, 1), Scalar(self.threads))
        return KernelAttentionOp(
            op.q,
            op.k,
            op.v,
            empty(dims(op.q), f32),
            empty([size], f32),
            kv_length=as_value(kv_length),
            query_offset=as_value(query_offset),
            num_heads=spec.num_heads,
            num_kv_heads=spec.num_kv_heads,
            head_dim=spec.head_dim,
            mask=op.mask,
            scale=spec.scale,
            softcap=spec.softcap,
            rope=None if op.cos is None or op.sin is None else (op.cos, op.sin),
            n_rot=spec.n_rot,
            rope_style=op.style if op.cos is not None else None,
            padding=op.padding,
            bias=op.bias,
            k_gain=op.k_gain,
        )
