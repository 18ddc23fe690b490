"""`rlx-dedup-k-eq-v`: where V is K, one value serves as both."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from rlxc.dialects.rlx import AttentionOp
from rlxc.passes.fusion.rewrites.shared_norm import judge_norms
from rlxc.passes.fusion.rewrites.shared_projection import judge_projections
from rlxc.passes.fusion.support.rules import Rule, apply_rules


@dataclass(frozen=True)
class DedupKEqVPass(ModulePass):
    """K and V that are computed alike -> the same SSA value.

    Two matmuls by one weight become one:
    ```mlir
    %wk = rlx.param "k_proj.weight" : tensor<64x32xf32>
    %wv = rlx.param "k_proj.weight" : tensor<64x32xf32>
    %k = rlx.matmul %x, %wk
    %v = rlx.matmul %x, %wv
    %o = rlx.attention %q, %k, %v
    ```
    ->
    ```mlir
    %k = rlx.matmul %x, %wk
    %o = rlx.attention %q, %k, %k
    ```
    They must have one input, equal weights (one value, or the same keys or content digest, in one
    orientation), biases, activations and residuals, and feed the K and the V of one attention,
    through rope, repeat_kv or norms. The first of the two stays; it has been computed anyway.
    What is written afterwards, NumPy code or a library, does not know of the weight that is dropped: weights for
    which K and V differ are noticed by `rlxc.compile` and `rlxc run`, which check the program as it was, not there.

    The weight of a norm of K beside the weightless norm of V becomes the gain of the attention:
    ```mlir
    %n = rlx.rms_norm %k {eps = 1.0e-6 : f64, head_dim = 32}
    %g = rlx.rms_norm %k gamma(%gamma) {eps = 1.0e-6 : f64, head_dim = 32}
    %o = rlx.attention %q, %g, %n rope(%cos, %sin) {num_kv_heads = 1, head_dim = 32, ...}
    ```
    ->
    ```mlir
    %n = rlx.rms_norm %k {eps = 1.0e-6 : f64, head_dim = 32}
    %o = rlx.attention %q, %n, %n rope(%cos, %sin) k_gain(%gamma) {num_kv_heads = 1, head_dim = 32, ...}
    ```
    Both must normalise each head apart with one `eps` and no offset, directly before the
    attention (the gain comes before the rotation, so rope has to be inside), and nothing else
    may read the weighted norm.
    """

    name = "rlx-dedup-k-eq-v"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        apply_rules(self.name, op, [Rule(AttentionOp, judge_projections), Rule(AttentionOp, judge_norms)])
