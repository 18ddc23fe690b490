"""`rlx-unfuse`: take apart what the fusions have put together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass
from xdsl.utils.exceptions import PassFailedException

from rlxc.dialects.rlx import AddRmsNormOp, AttentionOp, GluMatmulOp, MatmulOp, SplitOp
from rlxc.passes.fusion.rewrites.unfused_attention import judge_gain, judge_groups, judge_rope
from rlxc.passes.fusion.rewrites.unfused_epilogue import judge_add_rms_norm, judge_glu, judge_residual
from rlxc.passes.fusion.rewrites.unfused_projection import judge_merged
from rlxc.passes.fusion.support.rules import AnyRule, Rule, apply_rules
from rlxc.passes.remarks import unfused

_RULES: Mapping[str, AnyRule] = {
    "k_gain": Rule(AttentionOp, judge_gain),
    "rope": Rule(AttentionOp, judge_rope),
    "groups": Rule(AttentionOp, judge_groups),
    "glu": Rule(GluMatmulOp, judge_glu),
    "projections": Rule(SplitOp, judge_merged),
    "residual": Rule(MatmulOp, judge_residual),
    "add_rms_norm": Rule(AddRmsNormOp, judge_add_rms_norm),
}
"""In the order in which an attention is taken apart: the gain comes before the rotation, copies of heads come last."""


@dataclass(frozen=True)
class UnfusePass(ModulePass):
    """The inverse of the fusions, for tests and for targets without the fused forms.

    ```mlir
    %o = rlx.attention %q, %n, %n rope(%cos, %sin) k_gain(%g)
           {num_heads = 4, num_kv_heads = 1, head_dim = 16, n_rot = 16}
    ```
    with `%n = rlx.rms_norm %k {eps = 1.0e-6 : f64, head_dim = 16}` ->
    ```mlir
    %kn = rlx.rms_norm %k gamma(%g) {eps = 1.0e-6 : f64, head_dim = 16}      // k_gain
    %qr = rlx.rope %q, %cos, %sin {head_dim = 16, n_rot = 16}                // rope
    %kr = rlx.rope %kn, %cos, %sin {head_dim = 16, n_rot = 16}
    %kk = rlx.repeat_kv %kr {head_dim = 16, group = 4}                       // groups
    %vv = rlx.repeat_kv %n {head_dim = 16, group = 4}
    %o = rlx.attention %qr, %kk, %vv {num_heads = 4, num_kv_heads = 4, head_dim = 16}
    ```
    and likewise

    - `glu`: `glu_matmul` -> a matmul by gate and up, its split, and `glu` of the parts;
    - `projections`: a split of a matmul by several keys -> a matmul by each key;
    - `residual`: `matmul residual(%r)` -> `arith.addf` of the matmul and `%r`;
    - `add_rms_norm`: `add_rms_norm` -> `arith.addf` and `rms_norm`.

    Bias and activation stay in the matmul, which is their only home, and one value for K and V
    stays one value. Queries are rotated from `query_offset`, or else from the number of valid
    keys - q_len; keys from 0. A `k_gain` on anything but the weightless norm of each head stays,
    and keeps the rope with it: there is no operation for a gain alone. A merged projection needs
    as many keys as parts; each part is taken to be as wide as the weight of its key.

    `only` names the parts to undo (all of the above, if absent): `rlx-unfuse{only=rope,groups}`.
    """

    name = "rlx-unfuse"

    only: tuple[str, ...] = ()

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        unknown = sorted(set(self.only) - set(_RULES))
        if unknown:
            raise PassFailedException(f"{self.name} cannot undo '{unknown[0]}', only {', '.join(_RULES)}")
        rules = [rule for name, rule in _RULES.items() if not self.only or name in self.only]
        apply_rules(self.name, op, rules, report=unfused)
