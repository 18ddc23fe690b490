"""Mixtures of experts: `rlx.route` says which experts a token gets, `rlx.moe` is what they compute."""

from __future__ import annotations

from typing import ClassVar

from xdsl.dialects.builtin import IntegerAttr, UnitAttr, i64
from xdsl.ir import Operation, SSAValue
from xdsl.irdl import (
    VarConstraint,
    base,
    irdl_op_definition,
    operand_def,
    opt_operand_def,
    opt_prop_def,
    prop_def,
    result_def,
    traits_def,
)
from xdsl.traits import Pure

from rlxc.dialects.rlx.attributes import POSITIVE_INT, Activation, ActivationAttr
from rlxc.dialects.rlx.base import RlxOperation, int_of, is_static, require, shape_of
from rlxc.dialects.rlx.constraints import FLOAT, tensor_of


@irdl_op_definition
class RouteOp(RlxOperation):
    """The weights of the experts that each token chooses: a softmax of which the `top_k` largest terms are kept.

    `p = softmax(logits[b, s])`, over all experts; `C` are the `top_k` experts with the largest logits, of equal ones
    the first. `result[b, s, e]` is 0 unless `e` is in `C`, else `p[e]`, with `renormalize`
    `p[e] / sum(p[c] for c in C)`, times `expert_scale[e]` if there is one (Gemma 4). `logits` and the result are
    `[B, S, E]`, `expert_scale` is `[E]`.
    """

    name = "rlx.route"

    _E: ClassVar = VarConstraint("E", FLOAT)

    logits = operand_def(tensor_of(_E, "batch", "seq", "experts"))
    expert_scale = opt_operand_def(tensor_of(_E, "experts"))
    top_k = prop_def(POSITIVE_INT)
    renormalize = opt_prop_def(UnitAttr)
    result = result_def(tensor_of(_E, "batch", "seq", "experts"))

    traits = traits_def(Pure())
    assembly_format = (
        "$logits (`renormalize` $renormalize^)? (`expert_scale` `(` $expert_scale^ `)`)? attr-dict `:` type($logits)"
    )

    def __init__(
        self,
        logits: SSAValue | Operation,
        top_k: int,
        *,
        renormalize: bool = False,
        expert_scale: SSAValue | Operation | None = None,
    ):
        logits = SSAValue.get(logits)
        super().__init__(
            operands=[logits, expert_scale],
            result_types=[logits.type],
            properties={"top_k": IntegerAttr(top_k, i64), "renormalize": UnitAttr() if renormalize else None},
        )

    def verify_semantics(self) -> None:
        experts, top_k = shape_of(self.logits)[2], int_of(self.top_k)
        require(is_static(experts), "the number of experts must be static")
        require(top_k <= experts, f"cannot choose top_k = {top_k} of {experts} experts")


@irdl_op_definition
class MoeOp(RlxOperation):
    """The sum of the chosen experts, each a gated feed-forward block times its weight.

    `result = sum(gates[.., e] * ((act(x . gate_e) * (x . up_e)) . down_e))` over the experts `e` with
    `gates[b, s, e] != 0`: what others would compute does not matter, be it infinite or NaN.

    `x` and the result are `[B, S, H]`, `gates` is `[B, S, E]`. The weights of all experts stand side by side:
    `gate_up` is `gate_0 | up_0 | gate_1 | ..`, `[H, E 2 I]`, and `down` is `down_0 | down_1 | ..`, `[I, E H]`.
    """

    name = "rlx.moe"

    _E: ClassVar = VarConstraint("E", FLOAT)

    x = operand_def(tensor_of(_E, "batch", "seq", "features"))
    gates = operand_def(tensor_of(_E, "batch", "seq", "experts"))
    gate_up = operand_def(tensor_of(_E, "features", "gates_and_ups"))
    down = operand_def(tensor_of(_E, "width", "downs"))
    activation = prop_def(base(ActivationAttr))
    result = result_def(tensor_of(_E, "batch", "seq", "features"))

    traits = traits_def(Pure())
    assembly_format = (
        "$x `,` $gates `,` $gate_up `,` $down `activation` `(` $activation `)` attr-dict "
        "`:` type($x) `,` type($gates) `,` type($gate_up) `,` type($down)"
    )

    def __init__(
        self,
        x: SSAValue | Operation,
        gates: SSAValue | Operation,
        gate_up: SSAValue | Operation,
        down: SSAValue | Operation,
        activation: Activation,
    ):
        x = SSAValue.get(x)
        super().__init__(
            operands=[x, gates, gate_up, down],
            result_types=[x.type],
            properties={"activation": ActivationAttr(activation)},
        )

    @property
    def num_experts(self) -> int:
        """E."""
        return shape_of(self.gates)[2]

    @property
    def width(self) -> int:
        """I, how many hidden features an expert has."""
        return shape_of(self.down)[0]

    @property
    def chosen_experts(self) -> int:
        """How many experts a token has at most, as far as the operation that makes the gates tells."""
        router = self.gates.owner
        return int_of(router.top_k) if isinstance(router, RouteOp) else self.num_experts

    def verify_semantics(self) -> None:
        features, experts = shape_of(self.x)[2], self.num_experts
        require(is_static(experts), "the number of experts must be static")
        require(is_static(features) and is_static(self.width), "the weights must have a static shape")
        for name, block in (("gate_up", 2 * self.width), ("down", features)):
            columns = shape_of(getattr(self, name))[1]
            require(
                columns == experts * block,
                f"{name} has {columns} columns, but {experts} experts of {block} each have {experts * block}",
            )
