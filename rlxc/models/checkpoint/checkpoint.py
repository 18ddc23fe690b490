"""What a model is made of, wherever it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rlxc.weights import WeightSource


@dataclass(frozen=True)
class Checkpoint:
    """A model as stored: numbers and names as Hugging Face spells them, whatever the format of the files."""

    path: Path
    """The directory or file that it was opened from."""

    config: Mapping[str, Any]
    """What `config.json` says of the text model; `text_config` of a multimodal model is taken out."""

    weights: WeightSource
    """The tensors of the text model, as `model.layers.0.self_attn.q_proj.weight`; read when they are asked for."""

    generation: Mapping[str, Any]
    """What `generation_config.json` says; empty if there is none."""

    tokenizer_source: Path | Mapping[str, Any]
    """The directory with the files of the tokenizer, or the metadata of a GGUF file."""
