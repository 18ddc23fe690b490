"""The recipes that are there as text."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from rlxc.flow.language import FlowFromText, read_flow
from rlxc.models.flows.rope_stage import MODEL_STAGES

BODIES: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(("llama", "mistral", "qwen2", "qwen3", "phi3"), "llama.flow")
)
"""The `model_type` of a config -> the file of its decoder."""

HEAD = "head.flow"
"""The file of the head of all these."""


def recipe_flow(file: str, values: Mapping[str, Any]) -> FlowFromText:
    """The flow of a file of this package, with the values of `config_values` or `model_values`."""
    home = files("rlxc.models.flows").joinpath(file)
    return read_flow(home.read_text("utf-8"), str(home), values, MODEL_STAGES)
