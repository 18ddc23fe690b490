"""Projections."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from xdsl.dialects.builtin import f32
from xdsl.ir import SSAValue
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern

from rlxc.dialects.kernel import KernelMatmulOp
from rlxc.dialects.rlx import MatmulOp
from rlxc.dialects.rlx.base import shape_of
from rlxc.passes.kernels.matmul import MatmulSpec, matmul_workspace
from rlxc.passes.kernels.target import KernelTarget
from rlxc.passes.lowering.dims import dim, dims
from rlxc.passes.lowering.scalars import Scalar
from rlxc.passes.lowering.to_linalg.checks import check_shared_dims
from rlxc.passes.lowering.to_linalg.emit import emit_before
from rlxc.passes.lowering.to_linalg.structured import empty


@dataclass(frozen=True)
class MatmulToKernel(RewritePattern):
    """rlx.matmul whose weight is one of `packed` -> kernel.matmul, which takes its panels."""

    packed: Container[SSAValue]
    target: KernelTarget
    threads: SSAValue

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: MatmulOp, rewriter: PatternRewriter) -> None:
        if op.weight not in self.packed:
            return
        with emit_before(op, rewriter):
            check_shared_dims(op)
            rows = dim(op.x, 0) * dim(op.x, 1)
            size = matmul_workspace(spec_of(op), self.target, rows, Scalar(self.threads))
            kernel = KernelMatmulOp(
                op.x,
                op.weight,
                empty((*dims(op.x)[:2], shape_of(op.weight)[1]), f32),
                empty([size], f32),
                bias=op.bias,
                residual=op.residual,
                activation=None if op.activation is None else op.activation.data,
            )
        kernel.written[0].name_hint = op.result.name_hint
        rewriter.replace(op, (), (kernel.written[0],))


def spec_of(op: MatmulOp) -> MatmulSpec:
    """What the projection computes."""
    in_features, out_features = shape_of(op.weight)
    return MatmulSpec(
        in_features,
        out_features,
        activation=None if op.activation is None else op.activation.data,
        bias=op.bias is not None,
        residual=op.residual is not None,
    )
