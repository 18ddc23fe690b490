"""Gates and caps."""

from __future__ import annotations

from xdsl.ir import SSAValue
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern

from rlxc.dialects.rlx import Activation, GluOp, SoftcapOp
from rlxc.passes.lowering.to_linalg.activation import ACTIVATIONS, softcap
from rlxc.passes.lowering.to_linalg.checks import check_shared_dims
from rlxc.passes.lowering.to_linalg.emit import emit_before
from rlxc.passes.lowering.to_linalg.structured import pointwise


class GluToLinalg(RewritePattern):
    """glu -> act(gate) * up."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: GluOp, rewriter: PatternRewriter) -> None:
        with emit_before(op, rewriter):
            check_shared_dims(op)
            result = glu(op.gate, op.up, op.activation.data)
        rewriter.replace(op, (), (result,))


class SoftcapToLinalg(RewritePattern):
    """softcap -> cap * tanh(x / cap)."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: SoftcapOp, rewriter: PatternRewriter) -> None:
        with emit_before(op, rewriter):
            result = pointwise("bsn->bsn", lambda x: softcap(x, op.cap.value.data), op.x)
        rewriter.replace(op, (), (result,))


def glu(gate: SSAValue, up: SSAValue, activation: Activation) -> SSAValue:
    """`act(gate) * up`."""
    function = ACTIVATIONS[activation]
    return pointwise("bsn,bsn->bsn", lambda gate, up: function(gate) * up, gate, up)
