"""Normalisations over the last axis, or over each head apart."""

from __future__ import annotations

from typing import ClassVar

from xdsl.dialects.builtin import FloatAttr, IntegerAttr, f64, i64
from xdsl.ir import Operation, SSAValue
from xdsl.irdl import (
    VarConstraint,
    irdl_op_definition,
    operand_def,
    opt_operand_def,
    opt_prop_def,
    prop_def,
    result_def,
    traits_def,
)
from xdsl.traits import Pure

from rlxc.dialects.rlx.attributes import POSITIVE_INT, REAL
from rlxc.dialects.rlx.base import RlxOperation, int_of, is_static, require, shape_of
from rlxc.dialects.rlx.constraints import FLOAT, dim_text, tensor_of
from rlxc.dialects.rlx.format import Clause

_NO_OFFSET = FloatAttr(0.0, f64)


def _require_eps(eps: FloatAttr) -> None:
    require(eps.value.data >= 0, f"eps must not be negative, got {eps.value.data}")


@irdl_op_definition
class RmsNormOp(RlxOperation):
    """`x / sqrt(mean(x^2) + eps) * (offset + gamma)`; without `gamma`, no weight (Zhang & Sennrich 2019).

    `offset` is 0 in most models, 1 in Gemma 2 and 3. With `head_dim`, each head of `x` is
    normalised apart (q/k norm), and `gamma` is `[head_dim]`; else it is as wide as `x`.
    """

    name = "rlx.rms_norm"

    _E: ClassVar = VarConstraint("E", FLOAT)

    x = operand_def(tensor_of(_E, "batch", "seq", "features"))
    gamma = opt_operand_def(tensor_of(_E, "norm_features"))
    eps = prop_def(REAL)
    offset = prop_def(REAL, default_value=_NO_OFFSET)
    head_dim = opt_prop_def(POSITIVE_INT)
    result = result_def(tensor_of(_E, "batch", "seq", "features"))

    traits = traits_def(Pure())
    custom_directives = (Clause,)
    assembly_format = "$x custom<Clause>($gamma, type($gamma)) attr-dict `:` type($x)"

    def __init__(
        self,
        x: SSAValue | Operation,
        gamma: SSAValue | Operation | None = None,
        *,
        eps: float,
        offset: float = 0.0,
        head_dim: int | None = None,
    ):
        x = SSAValue.get(x)
        super().__init__(
            operands=[x, gamma],
            result_types=[x.type],
            properties={
                "eps": FloatAttr(eps, f64),
                "offset": FloatAttr(offset, f64),
                "head_dim": None if head_dim is None else IntegerAttr(head_dim, i64),
            },
        )

    def verify_semantics(self) -> None:
        _require_eps(self.eps)
        features = shape_of(self.x)[-1]
        require(is_static(features), "the normalised axis must have a static size")
        width = features if self.head_dim is None else int_of(self.head_dim)
        require(
            features % width == 0,
            f"x has {features} features, which is not a whole number of heads of head_dim = {width}",
        )
        if self.gamma is None:
            require(self.offset == _NO_OFFSET, "offset is given without gamma")
            return
        gamma_width = shape_of(self.gamma)[0]
        what = "x has" if self.head_dim is None else "head_dim is"
        require(gamma_width == width, f"gamma has {dim_text(gamma_width)} components, but {what} {width}")


@irdl_op_definition
class LayerNormOp(RlxOperation):
    """`(x - mean(x)) / sqrt(mean((x - mean(x))^2) + eps) * gamma + beta` over the last axis (Ba et al. 2016)."""

    name = "rlx.layer_norm"

    _E: ClassVar = VarConstraint("E", FLOAT)

    x = operand_def(tensor_of(_E, "batch", "seq", "features"))
    gamma = operand_def(tensor_of(_E, "features"))
    beta = opt_operand_def(tensor_of(_E, "features"))
    eps = prop_def(REAL)
    result = result_def(tensor_of(_E, "batch", "seq", "features"))

    traits = traits_def(Pure())
    assembly_format = "$x `,` $gamma (`,` $beta^)? attr-dict `:` type($x)"

    def __init__(
        self,
        x: SSAValue | Operation,
        gamma: SSAValue | Operation,
        beta: SSAValue | Operation | None = None,
        *,
        eps: float,
    ):
        x = SSAValue.get(x)
        super().__init__(operands=[x, gamma, beta], result_types=[x.type], properties={"eps": FloatAttr(eps, f64)})

    def verify_semantics(self) -> None:
        _require_eps(self.eps)
        require(is_static(shape_of(self.x)[-1]), "the normalised axis must have a static size")


@irdl_op_definition
class AddRmsNormOp(RlxOperation):
    """Residual add and norm in one pass: `sum = x + residual`, `normed = rms_norm(sum, gamma)`.

    Both are results, so that it serves pre-norm layers, where the sum is the next residual.
    """

    name = "rlx.add_rms_norm"

    _E: ClassVar = VarConstraint("E", FLOAT)

    x = operand_def(tensor_of(_E, "batch", "seq", "features"))
    residual = operand_def(tensor_of(_E, "batch", "seq", "features"))
    gamma = operand_def(tensor_of(_E, "features"))
    eps = prop_def(REAL)
    offset = prop_def(REAL, default_value=_NO_OFFSET)
    sum = result_def(tensor_of(_E, "batch", "seq", "features"))
    normed = result_def(tensor_of(_E, "batch", "seq", "features"))

    traits = traits_def(Pure())
    assembly_format = "$x `,` $residual `,` $gamma attr-dict `:` type($x)"

    def __init__(
        self,
        x: SSAValue | Operation,
        residual: SSAValue | Operation,
        gamma: SSAValue | Operation,
        *,
        eps: float,
        offset: float = 0.0,
    ):
        x = SSAValue.get(x)
        super().__init__(
            operands=[x, residual, gamma],
            result_types=[x.type, x.type],
            properties={"eps": FloatAttr(eps, f64), "offset": FloatAttr(offset, f64)},
        )

    def verify_semantics(self) -> None:
        _require_eps(self.eps)
        require(is_static(shape_of(self.x)[-1]), "the normalised axis must have a static size")
