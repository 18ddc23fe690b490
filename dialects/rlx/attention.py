"""Scaled dot-product attention, with everything that a fusion has absorbed in its syntax."""

from __future__ import annotations

from typing import ClassVar

from xdsl.dialects.builtin import FloatAttr, IndexType, IntegerAttr, f64, i1, i64
from xdsl.interfaces import HasCanonicalizationPatternsInterface
from xdsl.ir import Operation, SSAValue
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
)
from xdsl.pattern_rewriter import RewritePattern
from xdsl.traits import Pure

from rlxc.dialects.rlx.attention_rules import verify_attention
from rlxc.dialects.rlx.attributes import POSITIVE_INT, REAL, MaskAttr, MaskKind, RopeStyle, RopeStyleAttr
from rlxc.dialects.rlx.base import RlxOperation, int_of, is_static, shape_of
from rlxc.dialects.rlx.constraints import FLOAT, tensor_of
from rlxc.dialects.rlx.format import Clause, RopeClause
from rlxc.dialects.rlx.rope import verify_table_length


@irdl_op_definition
class AttentionOp(RlxOperation, HasCanonicalizationPatternsInterface):
    """Attention of `num_heads` query heads over `num_kv_heads` key/value heads.

    `softmax(mask(cap(scale * rope(q) . rope(k_gain * k)^T) + bias)) . v`, for each head:

    1. `scores = scale * q . k^T`; `scale` is `head_dim ** -0.5` if absent; query head `h` reads
       key/value head `h // (num_heads / num_kv_heads)`;
    2. `softcap`: `scores = c * tanh(scores / c)`;
    3. `bias` is added;
    4. masked scores become minus infinity; a key must be visible to all masks given;
    5. softmax over the keys, then the weighted sum of the rows of `v`. A query that sees no key
       gives zeros.

    Query `i` has position `i + query_offset`, which is `kv_length - q_len` if absent: queries are
    aligned with the last keys. `kv_length` counts the valid rows of `k` and `v` (all, if
    absent); later rows are invisible. Key `j` has position `j`. The masks `causal` and
    `sliding<W>` compare these positions, and `rope` rotates by them.

    Rows of `k` and `v` from `kv_length` on may hold anything. Rows that a mask or `padding` hides
    must be finite: they may be multiplied by their weight of zero, and `0 * NaN` is NaN.

    `k_gain` (`[head_dim]`) multiplies `k` before the rotation, and never `v`: where `k` and
    `v` are the same value, V is K before gain and rotation.

    `q` is `[B, Q, num_heads*head_dim]`, `k` and `v` `[B, K, num_kv_heads*head_dim]`, the
    tables `[P, n_rot/2]`, `padding` `[B, K]` of i1 (true: visible), `bias` `[B, H, Q, K]` where
    H may be 1. (Vaswani et al. 2017; grouped queries: Ainslie et al. 2023.)
    """

    name = "rlx.attention"

    _E: ClassVar = VarConstraint("E", FLOAT)

    q = operand_def(tensor_of(_E, "batch", "q_len", "features"))
    k = operand_def(tensor_of(_E, "batch", "kv_len", "kv_features"))
    v = operand_def(tensor_of(_E, "batch", "kv_len", "kv_features"))
    cos = opt_operand_def(tensor_of(_E, "positions", "half_n_rot"))
    sin = opt_operand_def(tensor_of(_E, "positions", "half_n_rot"))
    padding = opt_operand_def(tensor_of(eq(i1), "batch", "kv_len"))
    bias = opt_operand_def(tensor_of(_E, "batch", "bias_heads", "q_len", "kv_len"))
    k_gain = opt_operand_def(tensor_of(_E, "head_dim"))
    kv_length = opt_operand_def(IndexType())
    query_offset = opt_operand_def(IndexType())

    mask = prop_def(base(MaskAttr), default_value=MaskAttr(MaskKind.NONE))
    num_heads = prop_def(POSITIVE_INT)
    num_kv_heads = prop_def(POSITIVE_INT)
    head_dim = prop_def(POSITIVE_INT)
    scale = opt_prop_def(REAL)
    softcap = opt_prop_def(REAL)
    n_rot = opt_prop_def(POSITIVE_INT)
    rope_style = opt_prop_def(base(RopeStyleAttr))
    result = result_def(tensor_of(_E, "batch", "q_len", "features"))

    traits = traits_def(Pure())
    irdl_options = (ParsePropInAttrDict(), AttrSizedOperandSegments(as_property=True))
    custom_directives = (Clause, RopeClause)
    assembly_format = (
        "$q `,` $k `,` $v custom<RopeClause>($cos, $sin, type($cos), type($sin)) "
        "(`style` `(` $rope_style^ `)`)? custom<Clause>($k_gain, type($k_gain)) "
        "(`mask` `(` $mask^ `)`)? (`padding` `(` $padding^ `)`)? custom<Clause>($bias, type($bias)) "
        "(`kv_length` `(` $kv_length^ `)`)? (`query_offset` `(` $query_offset^ `)`)? "
        "attr-dict `:` type($q) `,` type($k)"
    )

    def __init__(
        self,
        q: SSAValue | Operation,
        k: SSAValue | Operation,
        v: SSAValue | Operation,
        *,
        num_heads: int,
        num_kv_heads: int,
        head_dim: int,
        mask: MaskAttr | None = None,
        scale: float | None = None,
        softcap: float | None = None,
        rope: tuple[SSAValue, SSAValue] | None = None,
        n_rot: int | None = None,
        rope_style: RopeStyle | None = None,
        padding: SSAValue | Operation | None = None,
        bias: SSAValue | Operation | None = None,
        k_gain: SSAValue | Operation | None = None,
        kv_length: SSAValue | Operation | None = None,
        query_offset: SSAValue | Operation | None = None,
    ):
        q = SSAValue.get(q)
        cos, sin = (None, None) if rope is None else rope
        super().__init__(
            operands=[q, k, v, cos, sin, padding, bias, k_gain, kv_length, query_offset],
            result_types=[q.type],
            properties={
                "mask": MaskAttr(MaskKind.NONE) if mask is None else mask,
                "num_heads": IntegerAttr(num_heads, i64),
                "num_kv_heads": IntegerAttr(num_kv_heads, i64),
                "head_dim": IntegerAttr(head_dim, i64),
                "scale": None if scale is None else FloatAttr(scale, f64),
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
    def group(self) -> int:
        """How many query heads share one key/value head."""
        return int_of(self.num_heads) // int_of(self.num_kv_heads)

    @property
    def scale_value(self) -> float:
        """The factor of the scores, with its default filled in."""
        return int_of(self.head_dim) ** -0.5 if self.scale is None else self.scale.value.data

    @property
    def style(self) -> RopeStyle:
        """The pairing of the rotation, with its default filled in."""
        return RopeStyle.HALF if self.rope_style is None else self.rope_style.data

    def verify_semantics(self) -> None:
        verify_attention(self)
        if self.cos is not None and self.query_offset is None and is_static(shape_of(self.q)[1]):
            verify_table_length(self.cos, shape_of(self.q)[1], "q")

    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        from rlxc.dialects.rlx.canonicalization import DropDefaultScale, DropUselessMask, WidenWindowToCausal

        return (DropDefaultScale(), DropUselessMask(), WidenWindowToCausal())
