"""Attention, computed block by block without ever holding all scores."""

from __future__ import annotations

from typing import ClassVar

from xdsl.dialects.builtin import FloatAttr, IndexType, IntegerAttr, TensorType, f64, i1, i64
from xdsl.ir import SSAValue
from xdsl.irdl import (
    AttrSizedOperandSegments,
    ParsePropInAttrDict,
    base,
    irdl_op_definition,
    operand_def,
    opt_operand_def,
    opt_prop_def,
    prop_def,
    var_result_def,
)

from rlxc.dialects.kernel.base import KernelOperation, array_of, results_of
from rlxc.dialects.rlx.attention_rules import verify_attention
from rlxc.dialects.rlx.attributes import POSITIVE_INT, REAL, MaskAttr, RopeStyle, RopeStyleAttr
from rlxc.dialects.rlx.format import Clause, RopeClause


@irdl_op_definition
class KernelAttentionOp(KernelOperation):
    """`rlx.attention` in destination style: the same meaning, with nothing left to defaults.

    The keys are the first `kv_length` rows of `k`; query `i` has position `i + query_offset`.
    """

    name = "kernel.attention"

    q = operand_def(array_of("batch", "q_len", "features"))
    k = operand_def(array_of("batch", "kv_len", "kv_features"))
    v = operand_def(array_of("batch", "kv_len", "kv_features"))
    cos = opt_operand_def(array_of("positions", "half_n_rot"))
    sin = opt_operand_def(array_of("positions", "half_n_rot"))
    padding = opt_operand_def(array_of("batch", "kv_len", element=i1))
    bias = opt_operand_def(array_of("batch", "bias_heads", "q_len", "kv_len"))
    k_gain = opt_operand_def(array_of("head_dim"))
    kv_length = operand_def(IndexType())
    query_offset = operand_def(IndexType())
    y = operand_def(array_of("batch", "q_len", "features"))
    workspace = operand_def(array_of("workspace"))

    mask = prop_def(base(MaskAttr))
    num_heads = prop_def(POSITIVE_INT)
    num_kv_heads = prop_def(POSITIVE_INT)
    head_dim = prop_def(POSITIVE_INT)
    scale = prop_def(REAL)
    softcap = opt_prop_def(REAL)
    n_rot = opt_prop_def(POSITIVE_INT)
    rope_style = opt_prop_def(base(RopeStyleAttr))
    written = var_result_def(TensorType)

    irdl_options = (ParsePropInAttrDict(), AttrSizedOperandSegments(as_property=True))
    custom_directives: ClassVar = (Clause, RopeClause)
    assembly_format = (
        "$q `,` $k `,` $v custom<RopeClause>($cos, $sin, type($cos), type($sin)) "
        "(`style` `(` $rope_style^ `)`)? custom<Clause>($k_gain, type($k_gain)) `mask` `(` $mask `)` "
        "custom<Clause>($padding, type($padding)) custom<Clause>($bias, type($bias)) "
        "`kv_length` `(` $kv_length `)` `query_offset` `(` $query_offset `)` "
        "`outs` `(` $y `,` $workspace `)` attr-dict "
        "`:` type($q) `,` type($k) `,` type($v) `,` type($y) `,` type($workspace) (`->` type($written)^)?"
    )

    def __init__(
        self,
        q: SSAValue,
        k: SSAValue,
        v: SSAValue,
        y: SSAValue,
        workspace: SSAValue,
        *,
        kv_length: SSAValue,
        query_offset: SSAValue,
        num_heads: int,
        num_kv_heads: int,
        head_dim: int,
        mask: MaskAttr,
        scale: float,
        softcap: float | None = None,
        rope: tuple[SSAValue, SSAValue] | None = None,
        n_rot: int | None = None,
        rope_style: RopeStyle | None = None,
        padding: SSAValue | None = None,
        bias: SSAValue | None = None,
        k_gain: SSAValue | None = None,
    ):
        cos, sin = (None, None) if rope is None else rope
        super().__init__(
            operands=[q, k, v, cos, sin, padding, bias, k_gain, kv_length, query_offset, y, workspace],
            result_types=[results_of(y, workspace)],
            properties={
                "mask": mask,
                "num_heads": IntegerAttr(num_heads, i64),
                "num_kv_heads": IntegerAttr(num_kv_heads, i64),
                "head_dim": IntegerAttr(head_dim, i64),
                "scale": FloatAttr(scale, f64),
                "softcap": None if softcap is None else FloatAttr(softcap, f64),
                "n_rot": None if n_rot is None else IntegerAttr(n_rot, i64),
                "rope_style": None if rope_style is None else RopeStyleAttr(rope_style),
            },
        )

    @property
    def shares_kv(self) -> bool:
        """Whether the values are the keys, before gain and rotation."""
        return self.k is self.v

    @property
    def scale_value(self) -> float:
        """The factor of the scores."""
        return self.scale.value.data

    @property
    def style(self) -> RopeStyle:
        """The pairing of the rotation, if there is one."""
        return RopeStyle.HALF if self.rope_style is None else self.rope_style.data

    def verify_semantics(self) -> None:
        super().verify_semantics()
        verify_attention(self)
