"""The recipes that are there as text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from rlxc.flow.language import FlowFromText, read_flow
from rlxc.models.flows.rope_stage import MODEL_STAGES


@dataclass(frozen=True)
class RecipeText:
    """The files of the programs of a decoder."""

    body: str
    head: str


LLAMA = RecipeText("llama.flow", "head.flow")
GEMMA = RecipeText("gemma.flow", "head.flow")
GEMMA_4 = RecipeText("gemma4.flow", "head.flow")
GPT_NEOX = RecipeText("gpt_neox.flow", "gpt_neox_head.flow")

TEXTS: Mapping[str, RecipeText] = MappingProxyType(
    {
        "llama": LLAMA,
        "mistral": LLAMA,
        "qwen2": LLAMA,
        "qwen3": LLAMA,
        "phi3": LLAMA,
        "gemma2": GEMMA,
        "gemma3_text": GEMMA,
        "gemma4_text": GEMMA_4,
        "gpt_neox": GPT_NEOX,
        "mixtral": LLAMA,
        "qwen2_moe": LLAMA,
        "qwen3_moe": LLAMA,
    }
)
"""The recipes of decoders by the `model_type` of configs."""

ENCODER_TEXTS: Mapping[str, str] = MappingProxyType({"bert": "bert.flow"})
"""The files of encoders by the `model_type` of configs."""


def recipe_flow(file: str, values: Mapping[str, Any]) -> FlowFromText:
    """The flow of a file of this package, with the values that `config_values` or one for models gives."""
    home = files("rlxc.models.flows").joinpath(file)
    return read_flow(home.read_text("utf-8"), str(home), values, MODEL_STAGES)
