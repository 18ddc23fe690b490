"""Stages: the steps of a flow. Each is a frozen dataclass that emits `rlx` operations."""

from rlxc.stages.context import FlowContext
from rlxc.stages.custom import Custom
from rlxc.stages.geglu import GeGlu
from rlxc.stages.layer_norm import LayerNorm
from rlxc.stages.linear import Linear
from rlxc.stages.masks import Mask, bias, padding, sliding
from rlxc.stages.named_rope_tables import NamedRopeTables
from rlxc.stages.residual import ResidualAdd, ResidualSave
from rlxc.stages.rms_norm import RmsNorm
from rlxc.stages.rope_tables import RopeTables
from rlxc.stages.self_attn_prefill import SelfAttnPrefill
from rlxc.stages.self_attn_spec import SelfAttnPrefillSpec
from rlxc.stages.stage import Stage
from rlxc.stages.swiglu import SwiGlu

__all__ = [
    "Custom",
    "FlowContext",
    "GeGlu",
    "LayerNorm",
    "Linear",
    "Mask",
    "NamedRopeTables",
    "ResidualAdd",
    "ResidualSave",
    "RmsNorm",
    "RopeTables",
    "SelfAttnPrefill",
    "SelfAttnPrefillSpec",
    "Stage",
    "SwiGlu",
    "bias",
    "padding",
    "sliding",
]
