"""Configs: what a model is, read from `config.json` with every default filled in."""

from rlxc.models.config.decoder import DecoderConfig, PerLayerInputs
from rlxc.models.config.encoder import EncoderConfig
from rlxc.models.config.layer import AttentionConfig, ExpertsConfig, LayerConfig, LayerType, MlpConfig
from rlxc.models.config.read import read_decoder, read_stop_ids
from rlxc.models.config.read_encoder import read_encoder
from rlxc.models.config.read_model import ModelConfig, read_config

__all__ = [
    "AttentionConfig",
    "DecoderConfig",
    "EncoderConfig",
    "ExpertsConfig",
    "LayerConfig",
    "LayerType",
    "MlpConfig",
    "ModelConfig",
    "PerLayerInputs",
    "read_config",
    "read_decoder",
    "read_encoder",
    "read_stop_ids",
]
