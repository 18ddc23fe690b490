"""A projection with packed weights."""

from __future__ import annotations

from typing import ClassVar

from xdsl.dialects.builtin import TensorType, UnitAttr
from xdsl.ir import SSAValue
from xdsl.irdl import (
    AttrSizedOperandSegments,
    ParsePropInAttrDict,
    base,
    irdl_op_definition,
    operand_def,
    opt_operand_def,
    opt_prop_def,
    var_result_def,
)

from rlxc.dialects.kernel.base import KernelOperation, array_of, results_of
from rlxc.dialects.rlx.attributes import Activation, ActivationAttr
from rlxc.dialects.rlx.base import is_static, require, shape_of
from rlxc.dialects.rlx.format import Clause


@irdl_op_definition
class KernelMatmulOp(KernelOperation):
    """`y = act(x . weight + bias) + residual`, or `act(x . gate) * (x . up) + residual` if `gated`.

    `x` is `[B, S, K]`, `bias` `[N]`, `residual` and `y` `[B, S, N]`. The weight comes in panels of `W`
    columns, `[P, K, W]`: `panels[p, k, w] = weight[k, p * W + w]`, zero beyond column `N`. If `gated`, the
    panels of gate and up alternate. `residual` may be the memory of `y`: each of its elements is read just
    before the same one of `y` is written.
    """

    name = "kernel.matmul"

    x = operand_def(array_of("batch", "seq", "in_features"))
    panels = operand_def(array_of("panels", "in_features", "panel_width"))
    bias = opt_operand_def(array_of("out_features"))
    residual = opt_operand_def(array_of("batch", "seq", "out_features"))
    y = operand_def(array_of("batch", "seq", "out_features"))
    workspace = operand_def(array_of("workspace"))
    activation = opt_prop_def(base(ActivationAttr))
    gated = opt_prop_def(UnitAttr)
    written = var_result_def(TensorType)

    irdl_options = (ParsePropInAttrDict(), AttrSizedOperandSegments(as_property=True))
    custom_directives: ClassVar = (Clause,)
    assembly_format = (
        "$x `,` $panels (`gated` $gated^)? custom<Clause>($bias, type($bias)) "
        "(`activation` `(` $activation^ `)`)? custom<Clause>($residual, type($residual)) "
        "`outs` `(` $y `,` $workspace `)` attr-dict "
        "`:` type($x) `,` type($panels) `,` type($y) `,` type($workspace) (`->` type($written)^)?"
    )

    def __init__(
        self,
        x: SSAValue,
        panels: SSAValue,
        y: SSAValue,
        workspace: SSAValue,
        *,
        bias: SSAValue | None = None,
        residual: SSAValue | None = None,
        activation: Activation | None = None,
        gated: bool = False,
    ):
        super().__init__(
            operands=[x, panels, bias, residual, y, workspace],
            result_types=[results_of(y, workspace)],
            properties={
                "activation": None if activation is None else ActivationAttr(activation),
                "gated": UnitAttr() if gated else None,
            },
        )

    def verify_semantics(self) -> None:
        super().verify_semantics()
        require(self.gated is None or self.bias is None, "a gated projection has no bias")
        panels, _, width = shape_of(self.panels)
        columns = shape_of(self.y)[-1]
        require(all(map(is_static, (panels, width, columns))), "panels and columns must have static sizes")
        needed = -(-columns // width) * (1 if self.gated is None else 2)
        require(panels == needed, f"{columns} columns need {needed} panels of width {width}, got {panels}")
