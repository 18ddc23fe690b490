"""Projections."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from xdsl.dialects.builtin import f32
from xdsl.ir import Operation, SSAValue
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern

from rlxc.dialects.kernel import KernelMatmulOp
from rlxc.dialects.rlx import GluMatmulOp, MatmulOp
from rlxc.passes.kernels.matmul import MatmulSpec, matmul_workspace
from rlxc.passes.kernels.target import KernelTarget
from rlxc.passes.lowering.dims import dim, dims
from rlxc.passes.lowering.scalars import Scalar
from rlxc.passes.lowering.to_linalg.checks import check_shared_dims
from rlxc.passes.lowering.to_linalg.emit import emit_before
from rlxc.passes.lowering.to_linalg.structured import empty


@dataclass(frozen=True)
class MatmulToKernel(RewritePattern):
    """rlx.matmul or rlx.glu_matmul whose weight is one of `packed` -> kernel.matmul, which takes its panels."""

    packed: Container[SSAValue]
    target: KernelTarget
    threads: SSAValue

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter, /) -> None:
        if not isinstance(op, MatmulOp | GluMatmulOp) or op.weight not in self.packed:
            return
        with emit_before(op, rewriter):
            kernel = kernel_of(op, self.target, self.threads)
        rewriter.replace(op, (), (kernel.written[0],))


def kernel_of(op: MatmulOp | GluMatmulOp, target: KernelTarget, threads: SSAValue) -> KernelMatmulOp:
    """The kernel that computes the projection, and the memory that it needs."""
    check_shared_dims(op)
    spec = MatmulSpec.of(op)
    rows = dim(op.x, 0) * dim(op.x, 1)
    size = matmul_workspace(spec, target, rows, Scalar(threads))
    kernel = KernelMatmulOp(
        op.x,
        op.weight,
        empty((*dims(op.x)[:2], spec.out_features), f32),
        empty([size], f32),
        bias=op.bias if isinstance(op, MatmulOp) else None,
        residual=op.residual if isinstance(op, MatmulOp) else None,
        activation=spec.activation,
        gated=spec.gated,
    )
    kernel.written[0].name_hint = op.result.name_hint
    return kernel
