"""Stages: the steps of a flow. Each is a frozen dataclass that emits `rlx` operations."""

from rlxc.stages.context import FlowContext
from rlxc.stages.custom import Custom
from rlxc.stages.experts import Experts
from rlxc.stages.geglu import GeGlu
from rlxc.stages.glu import Glu
from rlxc.stages.kv_cache import KvCache
from rlxc.stages.last_token import LastToken
from rlxc.stages.layer_norm import LayerNorm
from rlxc.stages.linear import Linear
from rlxc.stages.masks import Mask, bias, padding, sliding
from rlxc.stages.named_rope_tables import NamedRopeTables
from rlxc.stages.position_embed import PositionEmbed
from rlxc.stages.residual import ResidualAdd, ResidualSave
from rlxc.stages.rms_norm import RmsNorm
from rlxc.stages.rope_inputs import RopeInputs
from rlxc.stages.rope_tables import RopeTables
from rlxc.stages.route import Route
from rlxc.stages.scale import Scale, ScaleBy
from rlxc.stages.self_attn_prefill import SelfAttnPrefill
from rlxc.stages.self_attn_spec import SelfAttnPrefillSpec
from rlxc.stages.sigmoid_gate import SigmoidGate
from rlxc.stages.softcap import Softcap
from rlxc.stages.stage import Stage
from rlxc.stages.streams import StreamAdd, StreamLoad, StreamMul, StreamSave, StreamSplit
from rlxc.stages.swiglu import SwiGlu
from rlxc.stages.token_embed import TokenEmbed
from rlxc.stages.token_type_embed import TokenTypeEmbed

__all__ = [
    "Custom",
    "Experts",
    "FlowContext",
    "GeGlu",
    "Glu",
    "KvCache",
    "LastToken",
    "LayerNorm",
    "Linear",
    "Mask",
    "NamedRopeTables",
    "PositionEmbed",
    "ResidualAdd",
    "ResidualSave",
    "RmsNorm",
    "RopeInputs",
    "RopeTables",
    "Route",
    "Scale",
    "ScaleBy",
    "SelfAttnPrefill",
    "SelfAttnPrefillSpec",
    "SigmoidGate",
    "Softcap",
    "Stage",
    "StreamAdd",
    "StreamLoad",
    "StreamMul",
    "StreamSave",
    "StreamSplit",
    "SwiGlu",
    "TokenEmbed",
    "TokenTypeEmbed",
    "bias",
    "padding",
    "sliding",
]
