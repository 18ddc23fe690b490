"""Projections: `rlx.matmul` with its epilogue, `rlx.glu_matmul` with its gate, and `rlx.split` of a merged one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from xdsl.dialects.builtin import DenseArrayBase, TensorType, i64
from xdsl.interfaces import HasFolderInterface
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.irdl import (
    AttrSizedOperandSegments,
    ParsePropInAttrDict,
    VarConstraint,
    base,
    eq,
    irdl_op_definition,
    operand_def,
    opt_operand_def,
    opt_prop_def,
    prop_def,
    result_def,
    traits_def,
    var_result_def,
)
from xdsl.traits import Pure

from rlxc.dialects.rlx.attributes import Activation, ActivationAttr
from rlxc.dialects.rlx.base import RlxOperation, is_static, require, shape_of, tensor_type
from rlxc.dialects.rlx.constraints import FLOAT, dim_text, tensor_of


@irdl_op_definition
class MatmulOp(RlxOperation):
    """A projection with its epilogue: `act(x . weight + bias) + residual`.

    `x` is `[B, S, K]`, `weight` `[K, N]`, `bias` `[N]`, `residual` and the result `[B, S, N]`.
    """

    name = "rlx.matmul"

    _E: ClassVar = VarConstraint("E", FLOAT)

    x = operand_def(tensor_of(_E, "batch", "seq", "in_features"))
    weight = operand_def(tensor_of(_E, "in_features", "out_features"))
    bias = opt_operand_def(tensor_of(_E, "out_features"))
    residual = opt_operand_def(tensor_of(_E, "batch", "seq", "out_features"))
    activation = opt_prop_def(base(ActivationAttr))
    result = result_def(tensor_of(_E, "batch", "seq", "out_features"))

    traits = traits_def(Pure())
    irdl_options = (ParsePropInAttrDict(), AttrSizedOperandSegments(as_property=True))
    assembly_format = (
        "$x `,` $weight (`bias` `(` $bias^ `)`)? (`activation` `(` $activation^ `)`)? "
        "(`residual` `(` $residual^ `)`)? attr-dict `:` type($x) `,` type($weight)"
    )

    def __init__(
        self,
        x: SSAValue | Operation,
        weight: SSAValue | Operation,
        *,
        bias: SSAValue | Operation | None = None,
        residual: SSAValue | Operation | None = None,
        activation: Activation | None = None,
    ):
        x, weight = SSAValue.get(x), SSAValue.get(weight)
        shape = (*shape_of(x)[:-1], shape_of(weight)[-1])
        super().__init__(
            operands=[x, weight, bias, residual],
            result_types=[TensorType(tensor_type(x).element_type, shape)],
            properties={"activation": None if activation is None else ActivationAttr(activation)},
        )


@irdl_op_definition
class GluMatmulOp(RlxOperation):
    """A gated projection: `act(x . gate) * (x . up)`, where `weight` is `gate | up`, side by side.

    `x` is `[B, S, K]`, `weight` `[K, 2 N]`, the result `[B, S, N]`.
    """

    name = "rlx.glu_matmul"

    _E: ClassVar = VarConstraint("E", FLOAT)

    x = operand_def(tensor_of(_E, "batch", "seq", "in_features"))
    weight = operand_def(tensor_of(_E, "in_features", "gate_and_up"))
    activation = prop_def(base(ActivationAttr))
    result = result_def(tensor_of(_E, "batch", "seq", "out_features"))

    traits = traits_def(Pure())
    assembly_format = (
        "$x `,` $weight `activation` `(` $activation `)` attr-dict `:` type($x) `,` type($weight) `->` type($result)"
    )

    def __init__(self, x: SSAValue | Operation, weight: SSAValue | Operation, activation: Activation):
        x, weight = SSAValue.get(x), SSAValue.get(weight)
        shape = (*shape_of(x)[:-1], shape_of(weight)[1] // 2)
        super().__init__(
            operands=[x, weight],
            result_types=[TensorType(tensor_type(x).element_type, shape)],
            properties={"activation": ActivationAttr(activation)},
        )

    def verify_semantics(self) -> None:
        columns, features = shape_of(self.weight)[1], shape_of(self.result)[2]
        require(is_static(columns), "the weight must have a static number of columns, half of them the gate")
        require(
            columns == 2 * features,
            f"the weight has {columns} columns, but gate and up of {dim_text(features)} features each",
        )


@irdl_op_definition
class SplitOp(RlxOperation, HasFolderInterface):
    """Views of the last axis: `result_n = x[..., offset_n : offset_n + size_n]`, offsets the running sum of `sizes`."""

    name = "rlx.split"

    _E: ClassVar = VarConstraint("E", FLOAT)

    x = operand_def(tensor_of(_E, "batch", "seq", "features"))
    sizes = prop_def(DenseArrayBase.constr(eq(i64)))
    parts = var_result_def(TensorType)

    traits = traits_def(Pure())
    assembly_format = "$x `sizes` $sizes attr-dict `:` type($x) `->` type($parts)"

    def __init__(self, x: SSAValue | Operation, sizes: Sequence[int]):
        x = SSAValue.get(x)
        element_type, leading = tensor_type(x).element_type, shape_of(x)[:-1]
        super().__init__(
            operands=[x],
            result_types=[[TensorType(element_type, (*leading, size)) for size in sizes]],
            properties={"sizes": DenseArrayBase.from_list(i64, sizes)},
        )

    @property
    def size_list(self) -> tuple[int, ...]:
        """The width of each part."""
        return tuple(int(size) for size in self.sizes.get_values())

    def verify_semantics(self) -> None:
        x, sizes = tensor_type(self.x), self.size_list
        require(all(size > 0 for size in sizes), "every size must be positive")
        require(
            sum(sizes) == x.get_shape()[-1],
            f"sizes add up to {sum(sizes)}, but x has {dim_text(x.get_shape()[-1])} features",
        )
        require(len(sizes) == len(self.parts), f"has {len(sizes)} sizes, but {len(self.parts)} results")
        for number, (size, part) in enumerate(zip(sizes, self.parts, strict=True)):
            expected = TensorType[Attribute](x.element_type, (*x.get_shape()[:-1], size))
            require(part.type == expected, f"result {number} must be {expected}, got {part.type}")

    def fold(self) -> Sequence[SSAValue | Attribute] | None:
        return (self.x,) if len(self.parts) == 1 else None
