"""`rlx-fuse-glu`: the gate is applied where gate and up are computed."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import SSAValue
from xdsl.passes import ModulePass

from rlxc.dialects.rlx import GluMatmulOp, GluOp, MatmulOp, SplitOp
from rlxc.passes.fusion.support.rebuild import fused_location, used_only_by
from rlxc.passes.fusion.support.rules import Guard, Missed, Rewrite, Rule, Verdict, apply_rules, first_reason
from rlxc.passes.fusion.support.sizes import bytes_text


@dataclass(frozen=True)
class FuseGluPass(ModulePass):
    """One projection for gate and up, and the gate -> one gated projection.

    ```mlir
    %gate_up = rlx.matmul %x, %w : tensor<1x8x64xf32>, tensor<64x512xf32>
    %gate, %up = rlx.split %gate_up sizes [256, 256] : tensor<1x8x512xf32> -> ...
    %h = rlx.glu %gate, %up activation(silu) : tensor<1x8x256xf32>
    ```
    ->
    ```mlir
    %h = rlx.glu_matmul %x, %w activation(silu) : tensor<1x8x64xf32>, tensor<64x512xf32> -> tensor<1x8x256xf32>
    ```

    Preconditions: the projection is split into gate and up, in this order, and nothing else; nothing else
    reads the product or its parts; the matmul has no bias, activation or residual, for which the gated
    projection has no place; matmul and gate stand in one block. Two projections have to be merged before,
    by `rlx-merge-projections`.
    """

    name = "rlx-fuse-glu"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        apply_rules(self.name, op, [Rule(GluOp, _judge)])


@dataclass(frozen=True)
class _Gated:
    glu: GluOp
    split: SplitOp
    product: MatmulOp


def _judge(op: GluOp) -> Verdict:
    gate, up = _projection_behind(op.gate), _projection_behind(op.up)
    if gate is None or up is None:
        return None
    if gate is not up:
        return Missed("gate and up are two projections; rlx-merge-projections makes them one if it can")
    split = op.gate.owner
    if not isinstance(split, SplitOp):
        return Missed("gate and up are one value")
    if split is not op.up.owner:
        return Missed("gate and up are parts of two splits")
    candidate = _Gated(op, split, gate)
    reason = first_reason(_GUARDS, candidate)
    return Missed(reason) if reason is not None else _gated(candidate)


def _projection_behind(value: SSAValue) -> MatmulOp | None:
    """The matmul that computes a value, or that it is a part of."""
    owner = value.owner.x.owner if isinstance(value.owner, SplitOp) else value.owner
    return owner if isinstance(owner, MatmulOp) else None


def _has_two_parts(candidate: _Gated) -> str | None:
    parts = len(candidate.split.parts)
    return None if parts == 2 else f"the projection has {parts} parts, not gate and up alone"


def _gate_comes_first(candidate: _Gated) -> str | None:
    gate, up = candidate.split.parts
    if (candidate.glu.gate, candidate.glu.up) == (gate, up):
        return None
    return "gate and up are one value" if candidate.glu.gate is candidate.glu.up else "up comes before gate"


def _nothing_else_reads(candidate: _Gated) -> str | None:
    names = {candidate.split.parts[0]: "the gate", candidate.split.parts[1]: "up"}
    for part, name in names.items():
        if not used_only_by(part, candidate.glu):
            return f"{name} has another user, and would be computed twice"
    if not used_only_by(candidate.product.result, candidate.split):
        return "the product has another user, and would be computed twice"
    return None


def _has_no_epilogue(candidate: _Gated) -> str | None:
    product = candidate.product
    for name, part in (("bias", product.bias), ("activation", product.activation), ("residual", product.residual)):
        if part is not None:
            return f"the projection has an epilogue ({name}), a gated one has none"
    return None


def _is_in_one_block(candidate: _Gated) -> str | None:
    if candidate.product.parent is candidate.glu.parent:
        return None
    return "the product is computed in another block, and might be computed more often here"


_GUARDS: tuple[Guard[_Gated], ...] = (
    _has_two_parts,
    _gate_comes_first,
    _nothing_else_reads,
    _has_no_epilogue,
    _is_in_one_block,
)


def _gated(candidate: _Gated) -> Rewrite:
    op, product = candidate.glu, candidate.product
    fused = GluMatmulOp(product.x, product.weight, op.activation.data)
    fused.location = fused_location((product, op))
    return Rewrite(
        f"gates the projection itself; {bytes_text([product.result])} of gate and up are not written and read again",
        lambda rewriter: rewriter.replace(op, fused),
    )
