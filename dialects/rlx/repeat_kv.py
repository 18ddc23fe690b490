"""The explicit form of grouped-query attention: every key/value head copied for its group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from xdsl.dialects.builtin import IntegerAttr, TensorType, i64
from xdsl.interfaces import HasCanonicalizationPatternsInterface, HasFolderInterface
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.irdl import VarConstraint, irdl_op_definition, operand_def, prop_def, result_def, traits_def
from xdsl.pattern_rewriter import RewritePattern
from xdsl.traits import Pure

from rlxc.dialects.rlx.attributes import POSITIVE_INT
from rlxc.dialects.rlx.base import RlxOperation, int_of, require, shape_of, tensor_type
from rlxc.dialects.rlx.constraints import FLOAT, dim_text, tensor_of


@irdl_op_definition
class RepeatKvOp(RlxOperation, HasFolderInterface, HasCanonicalizationPatternsInterface):
    """Each head repeated `group` times, head-major: head `h` of the result is head `h // group` of `x`.

    `x` is `[B, K, num_kv_heads*head_dim]`, the result `[B, K, num_kv_heads*group*head_dim]`.
    """

    name = "rlx.repeat_kv"

    _E: ClassVar = VarConstraint("E", FLOAT)

    x = operand_def(tensor_of(_E, "batch", "kv_len", "kv_features"))
    head_dim = prop_def(POSITIVE_INT)
    group = prop_def(POSITIVE_INT)
    result = result_def(tensor_of(_E, "batch", "kv_len", "features"))

    traits = traits_def(Pure())
    assembly_format = "$x attr-dict `:` type($x) `->` type($result)"

    def __init__(self, x: SSAValue | Operation, *, head_dim: int, group: int):
        x = SSAValue.get(x)
        *leading, features = shape_of(x)
        super().__init__(
            operands=[x],
            result_types=[TensorType(tensor_type(x).element_type, (*leading, features * group))],
            properties={"head_dim": IntegerAttr(head_dim, i64), "group": IntegerAttr(group, i64)},
        )

    def verify_semantics(self) -> None:
        head_dim, group = int_of(self.head_dim), int_of(self.group)
        features, repeated = shape_of(self.x)[-1], shape_of(self.result)[-1]
        require(
            features > 0 and features % head_dim == 0,
            f"x has {dim_text(features)} features, which is not a whole number of heads of head_dim = {head_dim}",
        )
        require(
            repeated == features * group,
            f"group = {group} makes {features * group} features of {features}, not {dim_text(repeated)}",
        )

    def fold(self) -> Sequence[SSAValue | Attribute] | None:
        return (self.x,) if int_of(self.group) == 1 else None

    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        from rlxc.dialects.rlx.canonicalization import MergeRepeats

        return (MergeRepeats(),)
