"""`rlx-raise-repeat-kv`: find the copies of key/value heads that are written in tensor operations."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects import tensor
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from rlxc.passes.fusion.rewrites.repeat_by_broadcast import judge_collapse
from rlxc.passes.fusion.rewrites.repeat_by_concat import judge_concat
from rlxc.passes.fusion.support.rules import Rule, apply_rules


@dataclass(frozen=True)
class RaiseRepeatKvPass(ModulePass):
    """Slices and concatenation, or reshape, broadcast and reshape -> `rlx.repeat_kv`.

    A concatenation of the heads of one tensor, in order, each equally often in a row:
    ```mlir
    %0 = tensor.extract_slice %k[0, 0, 0] [1, 8, 16] [1, 1, 1] : tensor<1x8x32xf32> to tensor<1x8x16xf32>
    %1 = tensor.extract_slice %k[0, 0, 16] [1, 8, 16] [1, 1, 1] : tensor<1x8x32xf32> to tensor<1x8x16xf32>
    %kk = tensor.concat dim(2) %0, %0, %1, %1
    ```
    A broadcast along a new axis right after the heads (`linalg.broadcast` or a `linalg.generic`
    that copies), between reshapes that separate and join the heads:
    ```mlir
    %heads = tensor.expand_shape %k [[0], [1], [2, 3]] output_shape [1, 8, 2, 16]
    %copies = linalg.broadcast ins(%heads) outs(%empty) dimensions = [3]
    %kk = tensor.collapse_shape %copies [[0], [1], [2, 3, 4]] : tensor<1x8x2x2x16xf32> into tensor<1x8x64xf32>
    ```
    -> for both
    ```mlir
    %kk = rlx.repeat_kv %k {head_dim = 16, group = 2} : tensor<1x8x32xf32> -> tensor<1x8x64xf32>
    ```

    Preconditions of the first form: rank 3, concatenation of the last axis; slices with static
    offsets and unit strides that cover the other axes (where dynamic: of size `tensor.dim` of the
    same axis), equally wide; every head of the source present. `k0 k1 k0 k1` is another order of
    heads than that of grouped queries, and stays. Preconditions of the second form: heads, group
    and head_dim are static, and the reshapes touch no axis but the last.
    """

    name = "rlx-raise-repeat-kv"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        apply_rules(self.name, op, [Rule(tensor.ConcatOp, judge_concat), Rule(tensor.CollapseShapeOp, judge_collapse)])
