"""What stages and values are called in texts, and the dataclasses that they are."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from rlxc import stages
from rlxc.stages import SelfAttnPrefill, SelfAttnPrefillSpec, Stage
from rlxc.stages.kv_cache import KvCache

ARRAYS = ("cos", "sin")
"""Fields that hold arrays, which texts cannot write."""


@dataclass(frozen=True)
class Callee:
    """What a name with arguments makes: the fields of `fields` are its arguments."""

    make: Callable[..., Any]
    fields: Callable[..., Any]

    @property
    def parameters(self) -> Mapping[str, inspect.Parameter]:
        """The arguments, by name and in order."""
        found = inspect.signature(self.fields).parameters
        return {name: parameter for name, parameter in found.items() if name not in ARRAYS}


def self_attn_prefill(**fields: Any) -> Stage:
    """The stage of a spec."""
    return SelfAttnPrefill(SelfAttnPrefillSpec(**fields))


def plain(made: Callable[..., Any]) -> Callee:
    """What is made by a call."""
    return Callee(made, made)


def larger(a: float, b: float) -> float:
    """The larger of two numbers."""
    return max(a, b)


def smaller(a: float, b: float) -> float:
    """The smaller of two numbers."""
    return min(a, b)


def root(x: float) -> float:
    """The square root of a number."""
    return math.sqrt(x)


def length(list: list[Any]) -> int:
    """How many values a list has."""
    return len(list)


STAGES: Mapping[str, Callee] = MappingProxyType(
    {
        "token_embed": plain(stages.TokenEmbed),
        "position_embed": plain(stages.PositionEmbed),
        "token_type_embed": plain(stages.TokenTypeEmbed),
        "rms_norm": plain(stages.RmsNorm),
        "layer_norm": plain(stages.LayerNorm),
        "rope_tables": plain(stages.RopeTables),
        "named_rope_tables": plain(stages.NamedRopeTables),
        "rope_inputs": plain(stages.RopeInputs),
        "self_attn_prefill": Callee(self_attn_prefill, SelfAttnPrefillSpec),
        "linear": plain(stages.Linear),
        "swiglu": plain(stages.SwiGlu),
        "geglu": plain(stages.GeGlu),
        "glu": plain(stages.Glu),
        "route": plain(stages.Route),
        "experts": plain(stages.Experts),
        "sigmoid_gate": plain(stages.SigmoidGate),
        "last_token": plain(stages.LastToken),
        "scale": plain(stages.Scale),
        "scale_by": plain(stages.ScaleBy),
        "softcap": plain(stages.Softcap),
        "stream_save": plain(stages.StreamSave),
        "stream_load": plain(stages.StreamLoad),
        "stream_add": plain(stages.StreamAdd),
        "stream_mul": plain(stages.StreamMul),
        "stream_split": plain(stages.StreamSplit),
    }
)
"""Name -> the stage. Residuals are blocks."""

FUNCTIONS: Mapping[str, Callee] = MappingProxyType(
    {
        "sliding": plain(stages.sliding),
        "padding": plain(stages.padding),
        "bias": plain(stages.bias),
        "kv_cache": plain(KvCache),
        "min": plain(smaller),
        "max": plain(larger),
        "sqrt": plain(root),
        "len": plain(length),
    }
)
"""Name -> what makes the value of an argument."""
