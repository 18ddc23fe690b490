"""From `config.json` to a typed config."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from rlxc.models.config.decoder import DecoderConfig
from rlxc.models.config.encoder import EncoderConfig
from rlxc.models.config.read import read_decoder
from rlxc.models.config.read_encoder import ENCODERS, read_encoder

ModelConfig: TypeAlias = DecoderConfig | EncoderConfig


def read_config(raw: Mapping[str, Any]) -> ModelConfig:
    """The model that a config describes, in the spelling of transformers 4 or 5.

    Raises RlxcError, naming the key, for a value that is missing, of the wrong type or absurd, and for an
    unknown `model_type`.
    """
    return read_encoder(raw) if raw.get("model_type") in ENCODERS else read_decoder(raw)
