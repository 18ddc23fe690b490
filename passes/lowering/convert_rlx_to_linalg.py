"""`convert-rlx-to-linalg`: every operation on whole tensors becomes linalg, tensor and scalar arithmetic."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation
from xdsl.passes import ModulePass
from xdsl.transforms.common_subexpression_elimination import CommonSubexpressionElimination
from xdsl.utils.exceptions import PassFailedException

from rlxc.dialects.rlx import LoadTime, RlxOperation
from rlxc.passes.lowering.canonical_dims import canonicalize_dims
from rlxc.passes.lowering.functions import functions_of
from rlxc.passes.lowering.named_dims import check_named_dims
from rlxc.passes.lowering.to_linalg import is_elementwise_on_tensors, to_linalg_patterns
from rlxc.passes.lowering.to_linalg.emit import locate_by_text
from rlxc.passes.lowering.to_linalg.entry_checks import move_checks_to_start
from rlxc.passes.lowering.to_linalg.experts import EXPERTS, check_experts
from rlxc.passes.rewriting import apply_patterns


@dataclass(frozen=True)
class ConvertRlxToLinalgPass(ModulePass):
    """Convert every `rlx` operation, and `arith` and `math` on tensors, to structured operations on tensors.

    ```mlir
    %h = rlx.glu %gate, %up activation(silu) : tensor<?x?x64xf32>
    ```
    becomes
    ```mlir
    %init = tensor.empty(%B, %S) : tensor<?x?x64xf32>
    %h = linalg.generic {indexing_maps = [...], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%gate, %up : tensor<?x?x64xf32>, tensor<?x?x64xf32>) outs(%init : tensor<?x?x64xf32>) {...}
    ```

    - Any dimension may be dynamic. Sizes are those of the function's arguments wherever possible.
    - What only a run can decide (do the rope tables hold enough rows? are all token ids in range?) is a `cf.assert`,
      before everything else in the function.
    - Attention becomes a loop over blocks of queries; `scores-limit` is the most elements that the
      scores of a block may have. A causal or sliding mask also limits the keys of each block.
    - With `keep-experts=true`, `rlx.route` and `rlx.moe` stay, behind their checks: NumPy code has functions for them
      that compute the chosen experts only, instead of all.
    - Equal index arithmetic is one value, so that equal sizes are.
    - The location of each new operation is the text of the one that it was made from, around its location.

    Precondition: `rlx-params-to-args` has run.
    """

    name = "convert-rlx-to-linalg"

    scores_limit: int = 4 * 1024 * 1024
    keep_experts: bool = False

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if self.scores_limit < 1:
            raise PassFailedException(f"scores-limit must be at least 1, got {self.scores_limit}")
        for function in functions_of(op):
            locate_by_text(function, [inner for inner in function.walk() if _is_converted(inner)])
            check_named_dims(function)
            canonicalize_dims(function)
            for inner in [inner for inner in function.walk() if self.keep_experts and isinstance(inner, EXPERTS)]:
                check_experts(inner)
        apply_patterns(op, to_linalg_patterns(self.scores_limit, keep_experts=self.keep_experts))
        CommonSubexpressionElimination().apply(ctx, op)
        for function in functions_of(op):
            move_checks_to_start(function)


def _is_converted(op: Operation) -> bool:
    """Whether the pass converts the operation; raises PassFailedException if another pass has to run first."""
    if op.has_trait(LoadTime):
        raise PassFailedException(f"{op.name} is made at load time: run rlx-params-to-args before this pass")
    return isinstance(op, RlxOperation) or is_elementwise_on_tensors(op)
