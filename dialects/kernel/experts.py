"""A mixture of experts with packed weights."""

from __future__ import annotations

from xdsl.dialects.builtin import IntegerAttr, TensorType, i64
from xdsl.ir import SSAValue
from xdsl.irdl import (
    ParsePropInAttrDict,
    base,
    irdl_op_definition,
    operand_def,
    prop_def,
    var_result_def,
)

from rlxc.dialects.kernel.base import KernelOperation, array_of, results_of
from rlxc.dialects.rlx.attributes import POSITIVE_INT, Activation, ActivationAttr
from rlxc.dialects.rlx.base import int_of, is_static, require, shape_of


@irdl_op_definition
class KernelMoeOp(KernelOperation):
    """`rlx.moe` in destination style: `y = sum(gates[.., e] * ((act(x . gate_e) * (x . up_e)) . down_e))`.

    The sum is over the experts `e` with `gates[b, s, e] != 0`; of more than `top_k` in a row the first count. Weights
    come in panels, as `kernel.matmul` takes them, those of one expert after those of another: `gate_up` is
    `[E 2 ceil(I / W), H, W]`, where the panels of gate and up alternate, `down` is `[E ceil(H / W), I, W]`.
    """

    name = "kernel.moe"

    x = operand_def(array_of("batch", "seq", "features"))
    gates = operand_def(array_of("batch", "seq", "experts"))
    gate_up = operand_def(array_of("up_panels", "features", "panel_width"))
    down = operand_def(array_of("down_panels", "width", "panel_width"))
    y = operand_def(array_of("batch", "seq", "features"))
    workspace = operand_def(array_of("workspace"))
    activation = prop_def(base(ActivationAttr))
    top_k = prop_def(POSITIVE_INT)
    written = var_result_def(TensorType)

    irdl_options = (ParsePropInAttrDict(),)
    assembly_format = (
        "$x `,` $gates `,` $gate_up `,` $down `activation` `(` $activation `)` "
        "`outs` `(` $y `,` $workspace `)` attr-dict "
        "`:` type($x) `,` type($gates) `,` type($gate_up) `,` type($down) `,` type($y) `,` type($workspace) "
        "(`->` type($written)^)?"
    )

    def __init__(
        self,
        x: SSAValue,
        gates: SSAValue,
        gate_up: SSAValue,
        down: SSAValue,
        y: SSAValue,
        workspace: SSAValue,
        *,
        activation: Activation,
        top_k: int,
    ):
        super().__init__(
            operands=[x, gates, gate_up, down, y, workspace],
            result_types=[results_of(y, workspace)],
            properties={"activation": ActivationAttr(activation), "top_k": IntegerAttr(top_k, i64)},
        )

    @property
    def num_experts(self) -> int:
        """E."""
        return shape_of(self.gates)[2]

    def verify_semantics(self) -> None:
        super().verify_semantics()
        features, experts = shape_of(self.x)[2], self.num_experts
        gate_up, width, panel = shape_of(self.gate_up)[0], *shape_of(self.down)[1:]
        sizes = (features, experts, gate_up, width, panel, shape_of(self.down)[0])
        require(all(map(is_static, sizes)), "experts, features and panels must have static sizes")
        require(int_of(self.top_k) <= experts, f"cannot choose top_k = {int_of(self.top_k)} of {experts} experts")
        for name, columns, halves in (("gate_up", width, 2), ("down", features, 1)):
            panels, needed = shape_of(getattr(self, name))[0], experts * halves * -(-columns // panel)
            require(
                panels == needed, f"{experts} experts need {needed} panels of width {panel} in {name}, got {panels}"
            )
