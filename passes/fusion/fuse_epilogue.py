"""`rlx-fuse-epilogue`: what is added to a projection is added where the projection is stored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.arith import AddfOp
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.linalg.ops import BroadcastOp
from xdsl.ir import SSAValue
from xdsl.passes import ModulePass

from rlxc.dialects.rlx import MatmulOp
from rlxc.passes.fusion.support.rebuild import fused_location, rebuilt, used_only_by
from rlxc.passes.fusion.support.rules import Guard, Missed, Rewrite, Rule, Verdict, apply_rules, first_reason
from rlxc.passes.fusion.support.sizes import bytes_text


@dataclass(frozen=True)
class FuseEpiloguePass(ModulePass):
    """A projection and what is added to it -> one matmul.

    The residual stream, on either side of the addition:
    ```mlir
    %projected = rlx.matmul %o, %w : tensor<1x8x64xf32>, tensor<64x64xf32>
    %y = arith.addf %residual, %projected : tensor<1x8x64xf32>
    ```
    ->
    ```mlir
    %y = rlx.matmul %o, %w residual(%residual) : tensor<1x8x64xf32>, tensor<64x64xf32>
    ```
    and a bias, as a row that is added to each position:
    ```mlir
    %rows = linalg.broadcast ins(%b : tensor<64xf32>) outs(%init : tensor<1x8x64xf32>) dimensions = [0, 1]
    %y = arith.addf %projected, %rows : tensor<1x8x64xf32>
    ```
    ->
    ```mlir
    %y = rlx.matmul %o, %w bias(%b) : tensor<1x8x64xf32>, tensor<64x64xf32>
    ```
    The matmul then stands where the sum stood, so that what is added may be computed after the product.

    Preconditions: nothing else reads the product, which is computed in the block of the sum. The matmul
    computes `act(x . weight + bias) + residual` in this order: a matmul with a residual takes nothing more,
    one with an activation takes no bias. Activations have no operation of their own: stages give them to the
    matmul, or to the `rlx.glu` that `rlx-fuse-glu` looks at.
    """

    name = "rlx-fuse-epilogue"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        apply_rules(self.name, op, [Rule(AddfOp, _judge)])


@dataclass(frozen=True)
class _Addition:
    """A sum of a product and something else."""

    sum: AddfOp
    product: MatmulOp
    added: SSAValue

    @property
    def bias(self) -> SSAValue | None:
        """The row that is added to each position, if it is that."""
        match self.added.owner:
            case BroadcastOp(input=row, dimensions=axes) if tuple(axes.get_values()) == (0, 1):
                return row
            case _:
                return None


def _judge(op: AddfOp) -> Verdict:
    verdicts = [_judge_addition(addition) for addition in _additions(op)]
    rewrites = (verdict for verdict in verdicts if isinstance(verdict, Rewrite))
    return next(rewrites, next(iter(verdicts), None))


def _additions(op: AddfOp) -> Iterator[_Addition]:
    """The sum, seen from each operand that is a product; the second one first, as it was computed last."""
    for product, added in ((op.rhs, op.lhs), (op.lhs, op.rhs)):
        if isinstance(product.owner, MatmulOp):
            yield _Addition(op, product.owner, added)


def _judge_addition(addition: _Addition) -> Rewrite | Missed:
    guards = _RESIDUAL_GUARDS if addition.bias is None else _BIAS_GUARDS
    reason = first_reason(guards, addition)
    return _with_epilogue(addition) if reason is None else Missed(reason)


def _is_in_one_block(addition: _Addition) -> str | None:
    if addition.product.parent is addition.sum.parent:
        return None
    return "the product is computed in another block, and might be computed more often here"


def _is_not_doubled(addition: _Addition) -> str | None:
    return None if addition.added is not addition.product.result else "the product is added to itself"


def _nothing_else_reads(addition: _Addition) -> str | None:
    if used_only_by(addition.product.result, addition.sum):
        return None
    return "the product has another user, and would be computed twice"


def _has_no_residual(addition: _Addition) -> str | None:
    return None if addition.product.residual is None else "the matmul adds a residual already"


def _comes_before_the_residual(addition: _Addition) -> str | None:
    if addition.product.residual is None:
        return None
    return "the matmul adds a residual already, which comes after its bias"


def _comes_before_the_activation(addition: _Addition) -> str | None:
    if addition.product.activation is None:
        return None
    return "the matmul has an activation already, which comes after its bias"


def _has_no_bias(addition: _Addition) -> str | None:
    return None if addition.product.bias is None else "the matmul has a bias already"


_GUARDS: tuple[Guard[_Addition], ...] = (_is_in_one_block, _is_not_doubled, _nothing_else_reads)
_RESIDUAL_GUARDS = (*_GUARDS, _has_no_residual)
_BIAS_GUARDS = (*_GUARDS, _comes_before_the_residual, _comes_before_the_activation, _has_no_bias)


def _with_epilogue(addition: _Addition) -> Rewrite:
    op, product, bias = addition.sum, addition.product, addition.bias
    name, value = ("residual", addition.added) if bias is None else ("bias", bias)
    fused = rebuilt(product, {name: value})
    fused.location = fused_location((product, op))
    return Rewrite(
        f"adds the {name} itself; {bytes_text([product.result])} of products are not written and read again",
        lambda rewriter: rewriter.replace(op, fused),
    )
