"""Configs: what a model is, read from `config.json` with every default filled in."""

from rlxc.models.config.decoder import DecoderConfig
from rlxc.models.config.layer import AttentionConfig, LayerConfig, LayerType, MlpConfig
from rlxc.models.config.read import read_config, read_stop_ids

__all__ = ["AttentionConfig", "DecoderConfig", "LayerConfig", "LayerType", "MlpConfig", "read_config", "read_stop_ids"]
