"""One rewrite pattern for each operation, one operation family a file, on a small toolkit.

The toolkit: `structured` (index notation), `views` (slices, heads apart), `emit` (locations), `checks`
(run-time conditions), and the scalar arithmetic and canonical dimensions of `rlxc.passes.lowering`.
"""

from xdsl.pattern_rewriter import RewritePattern

from rlxc.passes.lowering.to_linalg.attention import AttentionToLinalg
from rlxc.passes.lowering.to_linalg.elementwise import (
    ElementwiseToLinalg,
    SplatConstantToFill,
    is_elementwise_on_tensors,
)
from rlxc.passes.lowering.to_linalg.embed import EmbedToLinalg, PositionEmbedToLinalg
from rlxc.passes.lowering.to_linalg.experts import MoeToLinalg, RouteToLinalg
from rlxc.passes.lowering.to_linalg.kv_cache import KvAppendToInsertSlice
from rlxc.passes.lowering.to_linalg.matmul import GluMatmulToLinalg, MatmulToLinalg, SplitToSlices
from rlxc.passes.lowering.to_linalg.norm import AddRmsNormToLinalg, LayerNormToLinalg, RmsNormToLinalg
from rlxc.passes.lowering.to_linalg.pointwise import GluToLinalg, SoftcapToLinalg
from rlxc.passes.lowering.to_linalg.repeat_kv import RepeatKvToLinalg
from rlxc.passes.lowering.to_linalg.rope import RopeToLinalg


def to_linalg_patterns(scores_limit: int, *, keep_experts: bool = False) -> list[RewritePattern]:
    """The patterns that convert whole programs, or all but experts; `scores_limit` bounds the scores of attention."""
    return [
        MatmulToLinalg(),
        GluMatmulToLinalg(),
        SplitToSlices(),
        RopeToLinalg(),
        RepeatKvToLinalg(),
        AttentionToLinalg(scores_limit),
        RmsNormToLinalg(),
        LayerNormToLinalg(),
        AddRmsNormToLinalg(),
        GluToLinalg(),
        SoftcapToLinalg(),
        EmbedToLinalg(),
        PositionEmbedToLinalg(),
        KvAppendToInsertSlice(),
        SplatConstantToFill(),
        ElementwiseToLinalg(),
        *([] if keep_experts else [RouteToLinalg(), MoeToLinalg()]),
    ]


__all__ = ["is_elementwise_on_tensors", "to_linalg_patterns"]
