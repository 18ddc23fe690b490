"""`rlx-fuse-add-rms-norm`: a sum is normalised while it is computed."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.arith import AddfOp
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import PatternRewriter
from xdsl.rewriter import InsertPoint

from rlxc.dialects.rlx import AddRmsNormOp, LoadTime, RmsNormOp
from rlxc.passes.fusion.support.rebuild import fused_location
from rlxc.passes.fusion.support.rules import Guard, Missed, Rewrite, Rule, Verdict, apply_rules, first_reason
from rlxc.passes.fusion.support.sizes import bytes_text


@dataclass(frozen=True)
class FuseAddRmsNormPass(ModulePass):
    """A sum and its norm -> one operation with both as results.

    ```mlir
    %sum = arith.addf %x, %residual : tensor<1x8x64xf32>
    %normed = rlx.rms_norm %sum gamma(%gamma) {eps = 1.0e-6 : f64} : tensor<1x8x64xf32>
    ```
    ->
    ```mlir
    %sum, %normed = rlx.add_rms_norm %x, %residual, %gamma {eps = 1.0e-6 : f64} : tensor<1x8x64xf32>
    ```
    Other users of the sum stay, and read the first result: in pre-norm layers it is the next residual.

    Preconditions: the norm has a weight and is one over the whole row, not over each head apart; sum and norm
    stand in one block. The operation stands where the sum stood, so the weight of the norm must be there
    already, or be a parameter, which can be made there. A sum that has two norms takes in the first.
    """

    name = "rlx-fuse-add-rms-norm"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        apply_rules(self.name, op, [Rule(RmsNormOp, _judge)])


@dataclass(frozen=True)
class _Normalised:
    norm: RmsNormOp
    sum: AddfOp


def _judge(op: RmsNormOp) -> Verdict:
    match op.x.owner:
        case AddRmsNormOp(sum=total) if op.x is total:
            return Missed("the sum is taken together with another norm of it")
        case AddfOp() as total:
            candidate = _Normalised(op, total)
            reason = first_reason(_GUARDS, candidate)
            return Missed(reason) if reason is not None else _normalising(candidate)
        case _:
            return None


def _is_in_one_block(candidate: _Normalised) -> str | None:
    if candidate.norm.parent is candidate.sum.parent:
        return None
    return "the sum is computed in another block, where its norm may not be needed"


def _has_gamma(candidate: _Normalised) -> str | None:
    return "the norm has no weight" if candidate.norm.gamma is None else None


def _is_over_the_row(candidate: _Normalised) -> str | None:
    return None if candidate.norm.head_dim is None else "each head is normalised apart"


def _gamma_is_ready(candidate: _Normalised) -> str | None:
    late = _late_definition(candidate)
    return None if late is None or late.has_trait(LoadTime) else "the weight of the norm is computed after the sum"


_GUARDS: tuple[Guard[_Normalised], ...] = (_is_in_one_block, _has_gamma, _is_over_the_row, _gamma_is_ready)


def _late_definition(candidate: _Normalised) -> Operation | None:
    """The operation that makes the weight of the norm, if it stands after the sum."""
    gamma = candidate.norm.gamma
    assert gamma is not None
    owner = gamma.owner
    return owner if isinstance(owner, Operation) and candidate.sum.is_before_in_block(owner) else None


def _normalising(candidate: _Normalised) -> Rewrite:
    total, norm, gamma = candidate.sum, candidate.norm, candidate.norm.gamma
    assert gamma is not None

    def apply(rewriter: PatternRewriter) -> None:
        fused = AddRmsNormOp(total.lhs, total.rhs, gamma, eps=norm.eps.value.data, offset=norm.offset.value.data)
        fused.location = fused_location((total, norm))
        if (late := _late_definition(candidate)) is not None:
            late.detach()
            rewriter.insert(late, InsertPoint.before(total))
        rewriter.insert(fused, InsertPoint.before(total))
        rewriter.replace(norm, (), [fused.normed])
        rewriter.replace(total, (), [fused.sum])

    return Rewrite(f"takes the norm with the sum; {bytes_text([total.result])} of sums are not read again", apply)
