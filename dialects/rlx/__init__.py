"""The `rlx` dialect: what transformer layers are made of, on ranked tensors with value semantics.

Activations are `[batch, seq, features]`; heads are packed in the last axis, head-major, and
their number is always an attribute. Operations that upstream MLIR has (`arith`, `math`,
`tensor`, `func`) are not redefined.
"""

from xdsl.ir import Dialect

from rlxc.dialects.rlx.attention import AttentionOp
from rlxc.dialects.rlx.attributes import (
    Activation,
    ActivationAttr,
    MaskAttr,
    MaskKind,
    MaskKindAttr,
    RopeStyle,
    RopeStyleAttr,
    TableKind,
    TableKindAttr,
)
from rlxc.dialects.rlx.base import RlxOperation
from rlxc.dialects.rlx.embed import EmbedOp, PositionEmbedOp
from rlxc.dialects.rlx.experts import MoeOp, RouteOp
from rlxc.dialects.rlx.kv_cache import KvAppendOp
from rlxc.dialects.rlx.matmul import GluMatmulOp, MatmulOp, SplitOp
from rlxc.dialects.rlx.norm import AddRmsNormOp, LayerNormOp, RmsNormOp
from rlxc.dialects.rlx.param import LoadTime, ParamOp, RopeTableOp
from rlxc.dialects.rlx.pointwise import GluOp, SoftcapOp
from rlxc.dialects.rlx.repeat_kv import RepeatKvOp
from rlxc.dialects.rlx.rope import RopeOp

RLX = Dialect(
    "rlx",
    [
        ParamOp,
        RopeTableOp,
        MatmulOp,
        GluMatmulOp,
        SplitOp,
        RopeOp,
        RepeatKvOp,
        AttentionOp,
        RmsNormOp,
        LayerNormOp,
        AddRmsNormOp,
        GluOp,
        SoftcapOp,
        EmbedOp,
        PositionEmbedOp,
        KvAppendOp,
        RouteOp,
        MoeOp,
    ],
    [ActivationAttr, RopeStyleAttr, TableKindAttr, MaskKindAttr, MaskAttr],
)

__all__ = [
    "RLX",
    "Activation",
    "ActivationAttr",
    "AddRmsNormOp",
    "AttentionOp",
    "EmbedOp",
    "GluMatmulOp",
    "GluOp",
    "KvAppendOp",
    "LayerNormOp",
    "LoadTime",
    "MaskAttr",
    "MaskKind",
    "MaskKindAttr",
    "MatmulOp",
    "MoeOp",
    "ParamOp",
    "PositionEmbedOp",
    "RepeatKvOp",
    "RlxOperation",
    "RmsNormOp",
    "RopeOp",
    "RopeStyle",
    "RopeStyleAttr",
    "RopeTableOp",
    "RouteOp",
    "SoftcapOp",
    "SplitOp",
    "TableKind",
    "TableKindAttr",
]
