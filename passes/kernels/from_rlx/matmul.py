"""Projections."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from xdsl.dialects.builtin import f32
from xdsl.ir import SSAValue
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern

from rlxc.dialects.kernel import KernelMatmulOp
from rlxc.dialects.rlx import GluMatmulOp, MatmulOp
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
            kernel = kernel_of(op, spec_of(op), self.target, self.threads)
        rewriter.replace(op, (), (kernel.written[0],))


@dataclass(frozen=True)
class GluMatmulToKernel(RewritePattern):
    """rlx.glu_matmul whose weight is one of `packed` -> kernel.matmul, which takes panels of gate and up in turn."""

    packed: Container[SSAValue]
    target: KernelTarget
    threads: SSAValue

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: GluMatmulOp, rewriter: PatternRewriter) -> None:
        if op.weight not in self.packed:
            return
        with emit_before(op, rewriter):
            kernel = kernel_of(op, gated_spec_of(op), self.target, self.threads)
        rewriter.replace(op, (), (kernel.written[0],))


def kernel_of(op: MatmulOp | GluMatmulOp, spec: MatmulSpec, target: KernelTarget, threads: SSAValue) -> KernelMatmulOp:
    """The kernel that computes the projection, and the memory that it needs."""
    check_shared_dims(op)
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


def gated_spec_of(op: GluMatmulOp) -> MatmulSpec:
    """What the gated projection computes."""
    in_features, columns = shape_of(op.weight)
    return MatmulSpec(in_features, columns // 2, activation=op.activation.data, gated=True)
