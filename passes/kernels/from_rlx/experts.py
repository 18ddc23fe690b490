"""Mixtures of experts."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from xdsl.dialects.builtin import f32
from xdsl.ir import SSAValue
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern

from rlxc.dialects.kernel import KernelMoeOp
from rlxc.dialects.rlx import MoeOp
from rlxc.passes.kernels.experts import MoeSpec, moe_workspace
from rlxc.passes.kernels.target import KernelTarget
from rlxc.passes.lowering.dims import dim, dims
from rlxc.passes.lowering.scalars import Scalar
from rlxc.passes.lowering.to_linalg.checks import check_shared_dims
from rlxc.passes.lowering.to_linalg.emit import emit_before
from rlxc.passes.lowering.to_linalg.structured import empty


@dataclass(frozen=True)
class MoeToKernel(RewritePattern):
    """rlx.moe whose weights are among `packed` -> kernel.moe, which takes their panels."""

    packed: Container[SSAValue]
    target: KernelTarget
    threads: SSAValue

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: MoeOp, rewriter: PatternRewriter) -> None:
        if op.gate_up not in self.packed or op.down not in self.packed:
            return
        with emit_before(op, rewriter):
            check_shared_dims(op)
            spec = MoeSpec.of(op)
            size = moe_workspace(spec, self.target, dim(op.x, 0) * dim(op.x, 1), Scalar(self.threads))
            kernel = KernelMoeOp(
                op.x,
                op.gates,
                op.gate_up,
                op.down,
                empty(dims(op.x), f32),
                empty([size], f32),
                activation=spec.activation,
                top_k=spec.top_k,
            )
        kernel.written[0].name_hint = op.result.name_hint
        rewriter.replace(op, (), (kernel.written[0],))
