"""Gates and caps: operations on each element apart."""

from __future__ import annotations

from typing import ClassVar

from xdsl.dialects.builtin import FloatAttr, f64
from xdsl.ir import Operation, SSAValue
from xdsl.irdl import VarConstraint, base, irdl_op_definition, operand_def, prop_def, result_def, traits_def
from xdsl.traits import Pure

from rlxc.dialects.rlx.attributes import REAL, Activation, ActivationAttr
from rlxc.dialects.rlx.base import RlxOperation, require
from rlxc.dialects.rlx.constraints import FLOAT, tensor_of


@irdl_op_definition
class GluOp(RlxOperation):
    """A gated linear unit: `act(gate) * up`. SwiGLU is `silu`, GeGLU `gelu_tanh` or `gelu` (Shazeer 2020)."""

    name = "rlx.glu"

    _E: ClassVar = VarConstraint("E", FLOAT)

    gate = operand_def(tensor_of(_E, "batch", "seq", "features"))
    up = operand_def(tensor_of(_E, "batch", "seq", "features"))
    activation = prop_def(base(ActivationAttr))
    result = result_def(tensor_of(_E, "batch", "seq", "features"))

    traits = traits_def(Pure())
    assembly_format = "$gate `,` $up `activation` `(` $activation `)` attr-dict `:` type($gate)"

    def __init__(self, gate: SSAValue | Operation, up: SSAValue | Operation, activation: Activation):
        gate = SSAValue.get(gate)
        super().__init__(
            operands=[gate, up],
            result_types=[gate.type],
            properties={"activation": ActivationAttr(activation)},
        )


@irdl_op_definition
class SoftcapOp(RlxOperation):
    """A smooth bound: `cap * tanh(x / cap)`, within `(-cap, cap)`."""

    name = "rlx.softcap"

    _E: ClassVar = VarConstraint("E", FLOAT)

    x = operand_def(tensor_of(_E, "batch", "seq", "features"))
    cap = prop_def(REAL)
    result = result_def(tensor_of(_E, "batch", "seq", "features"))

    traits = traits_def(Pure())
    assembly_format = "$x attr-dict `:` type($x)"

    def __init__(self, x: SSAValue | Operation, cap: float):
        x = SSAValue.get(x)
        super().__init__(operands=[x], result_types=[x.type], properties={"cap": FloatAttr(cap, f64)})

    def verify_semantics(self) -> None:
        require(self.cap.value.data > 0, f"cap must be positive, got {self.cap.value.data}")
